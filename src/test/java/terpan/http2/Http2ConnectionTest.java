package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.http.HeadLimits;

/** How a connection behaves: settings, answers, windows, turns, ends. */
class Http2ConnectionTest {
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
    void itBeginsWithItsSettingsAndTheWindowOfTheConnection() {
        Peer fresh = new Peer();
        assertThat(fresh.collect()).containsExactly("SETTINGS", "WINDOW 0 34465");
        assertThat(fresh.connection.acknowledged()).isFalse();
        assertThat(fresh.connection.withinHead()).isTrue();
        fresh.send(Peer.preface());
        fresh.send("SETTINGS@0:");
        assertThat(fresh.connection.acknowledged()).isFalse();
        fresh.send("SETTINGS.e@0:");
        assertThat(fresh.connection.acknowledged()).isTrue();
        assertThat(fresh.connection.withinHead()).isFalse();
        assertThat(fresh.collect()).endsWith("SETTINGS ack");
    }

    @Test
    void settingsThatAreNotAcknowledgedInTimeEndTheConnection() {
        Peer fresh = new Peer();
        fresh.connection.settingsTimedOut();
        assertThat(fresh.collect()).endsWith("GOAWAY 0 SETTINGS_TIMEOUT");
        assertThat(fresh.connection.over()).isTrue();
    }

    @Test
    void onlyThePrefaceBeginsHttp2() {
        byte[] preface = Peer.preface();
        assertThat(Http2Connection.begins(preface, 0, 24)).isEqualTo(Http2Connection.Begin.YES);
        assertThat(Http2Connection.begins(preface, 0, 3)).isEqualTo(Http2Connection.Begin.MORE);
        assertThat(Http2Connection.begins("PRI * HTTP/1.1\r\n".getBytes(US_ASCII), 0, 16))
                .isEqualTo(Http2Connection.Begin.NO);
    }

    @Test
    void anAnswerOfOnePieceLeavesAtOnce() {
        get(1);
        Http2Stream stream = peer.stream(1);
        stream.answer(200);
        stream.field("content-type".getBytes(US_ASCII), "text/plain".getBytes(US_ASCII));
        stream.length(5);
        stream.headEnd(false);
        assertThat(stream.offer("hello".getBytes(US_ASCII), 0, 5, true)).isEqualTo(5);
        assertThat(stream.isOpen()).isFalse();
        assertThat(peer.events).endsWith("closed 1 FINISHED NO_ERROR");
        assertThat(fresh())
                .containsExactly("HEADERS 1 :status=200 content-type=text/plain content-length=5", "DATA 1 5 end");
        assertThat(peer.buffers.lent).isZero();
    }

    @Test
    void anAnswerWithoutBodyIsAHeadAlone() {
        get(1, 3, 5);
        peer.stream(1).answer(204);
        peer.stream(1).headEnd(true);
        peer.stream(3).answer(301);
        peer.stream(3).headEnd(false);
        assertThat(peer.stream(3).offer(new byte[0], 0, 0, true)).isZero();
        peer.answer(5, 0);
        assertThat(fresh())
                .containsExactly(
                        "HEADERS 3 :status=301 end",
                        "HEADERS 1 :status=204 end",
                        "HEADERS 5 :status=200 content-length=0",
                        "DATA 5 0 end");
        assertThat(peer.connection.streams()).isZero();
    }

    @Test
    void fieldsOfAnAnswerAreCheckedAndLowered() {
        get(1);
        Http2Stream stream = peer.stream(1);
        stream.answer(200);
        assertThat(field(stream, "X-Test", "  a b\t")).isTrue();
        assertThat(field(stream, "Connection", "close")).isTrue();
        assertThat(field(stream, "Transfer-Encoding", "chunked")).isTrue();
        assertThat(field(stream, "X(", "a")).isFalse();
        assertThat(field(stream, "", "a")).isFalse();
        assertThat(field(stream, "X", "a\rb")).isFalse();
        assertThat(field(stream, "X", "a".repeat(130_000))).isTrue();
        assertThat(field(stream, "X", "a".repeat(2_000))).isFalse();
        stream.answer(200);
        field(stream, "X-Test", "  a b\t");
        stream.headEnd(true);
        assertThat(fresh()).containsExactly("HEADERS 1 :status=200 x-test=a b end");
    }

    private static boolean field(Http2Stream stream, String name, String value) {
        byte[] bytes = (name + value).getBytes(US_ASCII);
        return stream.field(bytes, 0, name.length(), name.length(), bytes.length);
    }

    @Test
    void aLongHeadGoesOnInContinuationFrames() {
        get(1);
        Http2Stream stream = peer.stream(1);
        stream.answer(200);
        for (int i = 0; i < 3; i++) {
            field(stream, "x-" + i, "\u0001".repeat(0) + "~".repeat(16_000));
        }
        stream.headEnd(true);
        byte[] bytes = peer.output();
        int at = 0;
        int frames = 0;
        int block = 0;
        while (at < bytes.length) {
            int length = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
            assertThat((int) bytes[at + 3]).isEqualTo(frames == 0 ? Frame.HEADERS : Frame.CONTINUATION);
            assertThat(length).isLessThanOrEqualTo(16_384);
            at += 9 + length;
            assertThat((bytes[at - length - 5] & Frame.END_HEADERS) != 0).isEqualTo(at == bytes.length);
            block += length;
            frames++;
        }
        assertThat(frames).isGreaterThan(2);
        assertThat(block).isGreaterThan(48_000);
    }

    @Test
    void aHeadIsTakenBackUntilItHasLeft() {
        get(1);
        Http2Stream stream = peer.stream(1);
        peer.answer(1, 100);
        assertThat(stream.takeBack()).isTrue();
        assertThat(fresh()).isEmpty();
        stream.answer(502);
        stream.headEnd(true);
        assertThat(fresh()).containsExactly("HEADERS 1 :status=502 end");
        get(3);
        peer.answer(3, 100_000);
        assertThat(fresh()).startsWith("HEADERS 3 :status=200 content-length=100000");
        assertThat(peer.stream(3).takeBack()).isFalse();
    }

    @Test
    void informationalHeadsGoBeforeTheAnswer() {
        peer.send("HEADERS.h@1:{post}");
        peer.stream(1).informational(100);
        peer.send("DATA.e@1:z3");
        peer.stream(1).answer(200);
        peer.stream(1).headEnd(true);
        assertThat(fresh()).containsExactly("HEADERS 1 :status=100", "HEADERS 1 :status=200 end");
    }

    @Test
    void theRestOfARequestIsNotWantedOnceItsAnswerIsWhole() {
        peer.send("HEADERS.h@1:{post}", "DATA@1:z3");
        peer.stream(1).answer(413);
        peer.stream(1).headEnd(true);
        assertThat(fresh()).containsExactly("HEADERS 1 :status=413 end", "RST 1 NO_ERROR");
        peer.send("DATA@1:z1000", "DATA.e@1:z10");
        assertThat(fresh()).isEmpty();
        assertThat(peer.connection.failed()).isFalse();
    }

    @Test
    void bodiesAreSentAsFarAsBothWindowsAllow() {
        get(1, 3);
        peer.answer(1, 100_000);
        peer.answer(3, 5);
        List<String> told = fresh();
        assertThat(sum(told, 1)).isLessThanOrEqualTo(65_535);
        assertThat(sum(told, 1) + sum(told, 3)).isEqualTo(65_535);
        assertThat(peer.stream(1).stalled()).isTrue();
        peer.send("WINDOW_UPDATE@0:00000010");
        told = fresh();
        assertThat(sum(told, 1)).isEqualTo(5);
        peer.send("WINDOW_UPDATE@0:00100000");
        told = fresh();
        assertThat(told).doesNotContain("DATA 1 0 end");
        peer.send("WINDOW_UPDATE@1:00100000");
        assertThat(fresh()).last().asString().endsWith(" end");
        assertThat(peer.connection.streams()).isZero();
    }

    private static int sum(List<String> told, int id) {
        return told.stream()
                .filter(frame -> frame.startsWith("DATA " + id + " "))
                .mapToInt(frame -> Integer.parseInt(frame.split(" ", -1)[2]))
                .sum();
    }

    @Test
    void aStreamWhoseWindowIsShutHoldsUpNoOther() {
        peer.send("SETTINGS@0:00040000000a");
        get(1, 3);
        fresh();
        peer.answer(1, 1000);
        peer.answer(3, 8);
        List<String> told = fresh();
        assertThat(sum(told, 1)).isEqualTo(10);
        assertThat(told).contains("DATA 3 8 end");
        assertThat(peer.stream(1).stalled()).isTrue();
        peer.send("SETTINGS@0:000400000005");
        assertThat(sum(fresh(), 1)).isZero();
        peer.send("SETTINGS@0:000400000014");
        assertThat(sum(fresh(), 1)).isEqualTo(10);
        peer.send("WINDOW_UPDATE@1:000003ff");
        assertThat(fresh()).endsWith("DATA 1 980 end");
    }

    @Test
    void aSourceWithoutBytesHoldsUpNoOther() {
        get(1, 3);
        Peer.Bytes slow = peer.answer(1, 0);
        slow.last = false;
        peer.answer(3, 3);
        assertThat(fresh()).contains("DATA 3 3 end");
        slow.left = 7;
        peer.stream(1).ready();
        assertThat(fresh()).containsExactly("DATA 1 7");
        assertThat(peer.stream(1).stalled()).isFalse();
        slow.last = true;
        peer.stream(1).ready();
        assertThat(fresh()).containsExactly("DATA 1 0 end");
    }

    @Test
    void answersTakeTurnsUnlessTheClientWantsOneAfterTheOther() {
        peer.send("WINDOW_UPDATE@0:00100000", "SETTINGS@0:000400100000");
        get(1, 3);
        peer.answer(1, 50_000);
        peer.answer(3, 50_000);
        List<String> told = fresh();
        assertThat(told.indexOf("DATA 3 16375")).isBetween(2, 5);
        peer.request(5, true, head("u=3"));
        peer.request(7, true, head("u=3"));
        peer.request(9, true, head("u=1, i"));
        peer.answer(5, 50_000);
        peer.answer(7, 50_000);
        peer.answer(9, 50_000);
        List<String> order = fresh().stream()
                .filter(frame -> frame.startsWith("DATA"))
                .map(frame -> frame.substring(5, 6))
                .distinct()
                .toList();
        assertThat(order).containsExactly("9", "5", "7");
        assertThat(peer.received.stream().filter(frame -> frame.endsWith("end")).map(frame -> frame.substring(5, 6)))
                .containsExactly("9", "5", "7");
    }

    private static List<String[]> head(String priority) {
        return List.of(
                new String[] {":method", "GET"},
                new String[] {":scheme", "http"},
                new String[] {":authority", "a"},
                new String[] {":path", "/"},
                new String[] {"priority", priority});
    }

    @Test
    void aPriorityUpdateMovesAnAnswer() {
        peer.send("SETTINGS@0:000400000000");
        get(1, 3);
        peer.answer(1, 10);
        peer.answer(3, 10);
        fresh();
        peer.send("PRIORITY_UPDATE@0:00000003+753d30");
        peer.send("SETTINGS@0:000400000064");
        assertThat(fresh()).containsExactly("SETTINGS ack", "DATA 3 10 end", "DATA 1 10 end");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u=0 | 0",
                "u=7, i | 15",
                "i, u=2 | 10",
                "i=?1 | 11",
                "i=?0,u=5 | 5",
                "u=8 | 3",
                "u=-1 | 3",
                "u=12 | 3",
                "'' | 3",
                "u | 3",
                "x=1, u=1;a | 1",
                "u=1,u=2 | 2",
                "=,;,u=, ,i;q | 11",
                "U=1 | 3"
            })
    void prioritiesAreReadLeniently(String field, int expected) {
        byte[] bytes = field.getBytes(US_ASCII);
        assertThat(Priority.parse(bytes, 0, bytes.length)).isEqualTo(expected);
    }

    @Test
    void windowsOfTheOwnerOpenAsItTakesBytes() {
        peer.takesBodies = false;
        peer.send("HEADERS.h@1:{post}", "DATA@1:z16384", "DATA@1:z16384");
        assertThat(fresh()).isEmpty();
        peer.stream(1).taken(30_000);
        assertThat(fresh()).isEmpty();
        peer.stream(1).taken(2_768);
        assertThat(fresh()).containsExactly("WINDOW 1 32768");
        peer.send("DATA@1:z16384", "DATA@1:z16384", "DATA@1:z16384", "DATA@1:z10");
        assertThat(fresh()).isEmpty();
        assertThatThrownBy(() -> peer.stream(1).taken(49_163)).isInstanceOf(IllegalArgumentException.class);
        peer.stream(1).taken(17_232);
        assertThat(fresh()).containsExactly("WINDOW 0 50000");
    }

    @Test
    void bytesOfAStreamThatIsOverNeedNoRoomOfTheConnection() {
        peer.takesBodies = false;
        peer.send("HEADERS.h@1:{post}", "DATA@1:z16384", "DATA@1:z16384", "DATA@1:z16384");
        peer.stream(1).reset(ErrorCode.CANCEL);
        peer.send("DATA@1:z1000");
        assertThat(fresh()).containsExactly("RST 1 CANCEL", "WINDOW 0 50152");
        assertThat(peer.events).endsWith("closed 1 RESET CANCEL");
    }

    @Test
    void aBodyOfNoInterestIsDropped() {
        peer.request(1, false, head("u=9"));
        peer.stream(1).dropBody();
        for (int i = 0; i < 10; i++) {
            peer.send("DATA@1:z16384");
        }
        peer.send("DATA.e@1:z1");
        assertThat(peer.bodies).isEmpty();
        assertThat(peer.stream(1).requestEnded()).isTrue();
        assertThat(peer.connection.failed()).isFalse();
    }

    @Test
    void aDrainIsToldTwiceAndServesWhatIsUnderWay() {
        get(1);
        peer.connection.drain();
        assertThat(fresh()).containsExactly("GOAWAY 2147483647 NO_ERROR", "PING");
        get(3);
        assertThat(peer.connection.streams()).isEqualTo(2);
        peer.send("PING.e@0:7465727061" + "6e6472");
        assertThat(fresh()).containsExactly("GOAWAY 3 NO_ERROR");
        get(5);
        peer.send("DATA@5:z10", "WINDOW_UPDATE@5:00000001", "RST@5:00000008");
        assertThat(peer.connection.streams()).isEqualTo(2);
        peer.answer(1, 3);
        peer.output();
        assertThat(peer.connection.over()).isFalse();
        peer.answer(3, 3);
        peer.output();
        assertThat(peer.connection.over()).isTrue();
        assertThat(peer.connection.failed()).isFalse();
    }

    @Test
    void anOwnerThatDoesNotWaitForTheClientEndsTheDrainItself() {
        peer.connection.drain();
        peer.connection.drainNow();
        assertThat(fresh()).containsExactly("GOAWAY 2147483647 NO_ERROR", "PING", "GOAWAY 0 NO_ERROR");
        assertThat(peer.connection.over()).isTrue();
        peer.connection.drainNow();
        assertThat(fresh()).isEmpty();
    }

    @Test
    void aClientThatLeavesIsServedToItsEnd() {
        get(1);
        peer.send("GOAWAY@0:0000000000000000");
        assertThat(peer.connection.over()).isFalse();
        peer.answer(1, 1);
        peer.output();
        assertThat(peer.connection.over()).isTrue();
    }

    @Test
    void whatTheSocketTakesWithItIsToldToTheOwner() {
        get(1);
        peer.send("HEADERS.h@3:{post}", "DATA@3:z10");
        peer.send("HEADERS@5:82");
        peer.answer(1, 100_000);
        peer.connection.fill();
        peer.connection.close();
        assertThat(peer.events).contains("closed 1 CONNECTION NO_ERROR", "closed 3 CONNECTION NO_ERROR");
        assertThat(peer.connection.streams()).isZero();
        assertThat(peer.buffers.lent).isZero();
        peer.send("PING@0:z8");
        assertThat(peer.connection.outputLength()).isZero();
    }

    @Test
    void aStreamThatIsOverIsNotToBeUsed() {
        get(1);
        Http2Stream stream = peer.stream(1);
        peer.send("RST@1:00000008");
        assertThat(peer.events).endsWith("closed 1 RESET_BY_PEER CANCEL");
        assertThatThrownBy(() -> stream.reset(ErrorCode.CANCEL)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> stream.ready()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void streamsAreUsedAgain() {
        get(1);
        Http2Stream first = peer.stream(1);
        first.attachment = "mine";
        peer.answer(1, 1);
        peer.output();
        get(3);
        assertThat(peer.stream(3)).isSameAs(first);
        assertThat(peer.stream(3).attachment).isEqualTo("mine");
        assertThat(peer.stream(3).id()).isEqualTo(3);
    }

    @Test
    void smallerWindowsThanUsualHoldOnceTheClientKnowsThem() {
        Http2Limits small = new Http2Limits(
                8, 1_000, 65_535, new HeadLimits(8000, 8000, 32 * 1024, 80, false), Http2Limits.TABLE, false);
        Peer early = new Peer(small);
        early.send(Peer.preface());
        early.send("SETTINGS@0:", "HEADERS.h@1:{post}", "DATA@1:z10000", "SETTINGS.e@0:");
        assertThat(early.connection.failed()).isFalse();
        early.send("HEADERS.h@3:{post}", "DATA@3:z1001");
        assertThat(early.collect()).contains("RST 3 FLOW_CONTROL_ERROR");
        assertThat(early.open).containsKey(1);
    }
}
