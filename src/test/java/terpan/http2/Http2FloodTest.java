package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is too much: streams, heads, frames that do nothing; and what is not. */
class Http2FloodTest {
    private static final long SECOND = 1_000_000_000L;

    private final Peer peer = Peer.greeted();

    private void get(int... ids) {
        for (int id : ids) {
            peer.send("HEADERS.eh@" + id + ":{get}");
        }
    }

    private List<String> fresh() {
        peer.received.clear();
        return peer.collect();
    }

    @Test
    void moreStreamsThanAgreedOnAreRefusedAndTheTableStaysInStep() {
        get(1, 3, 5, 7, 9, 11, 13, 15);
        assertThat(peer.connection.streams()).isEqualTo(8);
        peer.send("HEADERS.eh@17:82868441016240017801790f0d0130");
        assertThat(fresh()).containsExactly("RST 17 REFUSED_STREAM");
        peer.send("RST@3:00000008");
        peer.send("HEADERS.eh@19:828684bfbe");
        assertThat(peer.events).endsWith("request 19");
        Http2Stream stream = peer.stream(19);
        assertThat(new String(stream.head.bytes, stream.head.hostStart, 1, US_ASCII))
                .isEqualTo("b");
        assertThat(stream.head.fieldCount).isEqualTo(1);
    }

    @Test
    void aHeadThatIsTooLargeIsAnsweredAndTheTableStaysInStep() {
        peer.send("HEADERS.e@1:828684410161" + "40017a" + "7fe9" + "06" + "61".repeat(1000));
        for (int i = 0; i < 3; i++) {
            peer.send("CONT@1:" + "be".repeat(15_000));
        }
        peer.send("CONT.h@1:4001790162");
        assertThat(peer.events).contains("refused 1 HEAD_TOO_LARGE");
        peer.stream(1).answer(431);
        peer.stream(1).headEnd(true);
        assertThat(fresh()).containsExactly("HEADERS 1 :status=431 end");
        peer.send("HEADERS.eh@3:828684c0be");
        Http2Stream stream = peer.stream(3);
        assertThat(new String(stream.head.bytes, stream.head.valueStart[0], 1, US_ASCII))
                .isEqualTo("b");
        assertThat(peer.buffers.lent).isZero();
    }

    @Test
    void largeHeadsAreCountedWhileTheirRequestsAreUnderWay() {
        peer.request(
                1,
                true,
                List.of(
                        new String[] {":method", "GET"},
                        new String[] {":scheme", "http"},
                        new String[] {":authority", "a"},
                        new String[] {":path", "/"},
                        new String[] {"x", "a".repeat(7_000)},
                        new String[] {"y", "a".repeat(7_000)}));
        assertThat(peer.buffers.lent).isBetween(10_000, 40_000);
        peer.stream(1).reset(ErrorCode.CANCEL);
        peer.output();
        assertThat(peer.buffers.lent).isZero();
    }

    @Test
    void aHeadThatIsTooLargePackedEndsTheConnection() {
        peer.send("HEADERS.e@1:{get}");
        for (int i = 0; i < 5 && !peer.connection.failed(); i++) {
            peer.send("CONT@1:" + "86".repeat(16_384));
        }
        assertThat(fresh()).endsWith("GOAWAY 0 ENHANCE_YOUR_CALM");
        assertThat(peer.connection.flood()).contains(Flood.CONTINUATIONS);
        assertThat(peer.buffers.lent).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "RESETS, HEADERS.eh@{id}:{get} RST@{id}:00000008",
        "RESETS_CAUSED, HEADERS.eh@{id}:8286",
        "RESETS_CAUSED, HEADERS.eh@{id}:{get} WINDOW_UPDATE@{id}:00000000",
        "RESETS_CAUSED, HEADERS.eh@{id}:{get} WINDOW_UPDATE@{id}:7fffffff",
        "RESETS_CAUSED, HEADERS.eh@{id}:{get} DATA@{id}:z1",
        "RESETS_CAUSED, HEADERS.eh@{id}:{get} PRIORITY@{id}:0000",
        "EMPTY_FRAMES, HEADERS.h@{id}:{post} DATA@{id}: RESET@{id}:",
        "EMPTY_FRAMES, HEADERS.h@{id}:{post} DATA.p@{id}:05+z5 RESET@{id}:",
        "EMPTY_FRAMES, HEADERS.e@{id}: CONT@{id}: CONT.h@{id}:{get} RESET@{id}:",
        "SETTINGS, SETTINGS@0:",
        "SETTINGS, SETTINGS.e@0:",
        "PINGS, PING@0:z8",
        "PINGS, PING.e@0:z8",
        "PRIORITIES, PRIORITY@{id}:0000000010",
        "PRIORITIES, PRIORITY_UPDATE@0:00000001",
        "WINDOW_UPDATES, WINDOW_UPDATE@0:00000001",
        "UNKNOWN_FRAMES, T99@0:",
        "UNKNOWN_FRAMES, GOAWAY@0:0000000000000000"
    })
    void floodsCostTheConnection(Flood flood, String frames) {
        int rounds = 0;
        for (int id = 1; !peer.connection.failed() && rounds < 2_000; id += 2) {
            for (String frame : frames.replace("{id}", String.valueOf(id)).split(" ", -1)) {
                if (frame.startsWith("RESET@")) {
                    if (peer.open.containsKey(id)) {
                        peer.stream(id).reset(ErrorCode.CANCEL);
                    }
                } else {
                    peer.send(frame);
                }
            }
            peer.output();
            rounds++;
        }
        assertThat(peer.connection.flood()).as(peer.connection.problem()).contains(flood);
        assertThat(peer.connection.errorCode()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM);
        assertThat(rounds).isBetween(flood.atOnce - 1, flood.atOnce + 1);
        assertThat(peer.connection.streams()).isZero();
    }

    @Test
    void whatComesAtAHumanRateIsNoFlood() {
        for (int i = 0; i < 1_000; i++) {
            peer.now += SECOND;
            peer.send("PING@0:z8", "SETTINGS@0:", "WINDOW_UPDATE@0:00000001");
            peer.output();
        }
        assertThat(peer.connection.failed()).isFalse();
    }

    @Test
    void smallAnswersBringTheirWindowUpdatesByRight() {
        for (int id = 1; id < 6_000; id += 2) {
            get(id);
            peer.answer(id, 10);
            peer.output();
            peer.send("WINDOW_UPDATE@0:0000000a", "WINDOW_UPDATE@" + id + ":0000000a");
        }
        assertThat(peer.connection.failed()).isFalse();
    }

    @Test
    void continuationsOfOneHeadAreCounted() {
        peer.send("HEADERS.e@1:{get}");
        for (int i = 0; i < 40 && !peer.connection.failed(); i++) {
            peer.send("CONT@1:86");
        }
        assertThat(peer.connection.flood()).contains(Flood.CONTINUATIONS);
    }

    @Test
    void nothingMoreIsReceivedWhileTheClientDoesNotTakeWhatWeSend() {
        get(1);
        peer.answer(1, 65_000);
        peer.connection.fill();
        assertThat(peer.connection.mayReceive()).isTrue();
        Flood pings = Flood.PINGS;
        for (int i = 0; peer.connection.mayReceive() && i < 100_000; i++) {
            peer.now += SECOND / pings.perSecond;
            peer.send("PING@0:z8");
        }
        assertThat(peer.connection.outputLength()).isBetween(64 * 1024, 65 * 1024);
        peer.output();
        assertThat(peer.connection.mayReceive()).isTrue();
        assertThat(peer.connection.failed()).isFalse();
    }
}
