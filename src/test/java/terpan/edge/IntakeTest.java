package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendWire;

/** The room that bodies are promised before they come, on disk and in memory, and what becomes of those that find none. */
class IntakeTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int MIB = 1 << 20;

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.worker(4);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
        assertThat(bench.bounds.memory().promised()).as("memory promised").isZero();
    }

    private static String head(int length) {
        return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static String chunk(int length) {
        return Integer.toHexString(length) + "\r\n" + EdgeBench.bytes(length) + "\r\n";
    }

    private PretendWire chunked() {
        return bench.client("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    /** By a body whose worker does not take it. */
    private void fillTheDisk() {
        bench.client("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        bench.link(0).peerTakes(0);
        PretendWire hog = chunked();
        for (int i = 0; i < 11; i++) {
            bench.send(hog, chunk(100_000));
        }
        bench.send(hog, "0\r\n\r\n");
        assertThat(bench.inFlight()).isOne();
    }

    private void assertRefused(PretendWire client) {
        assertThat(bench.got(client))
                .startsWith("HTTP/1.1 503 ")
                .contains("\r\nRetry-After: 1\r\n", "\r\nConnection: close\r\n", "no room for the body");
        assertThat(client.outputShut()).isTrue();
    }

    @Test
    void anAnnouncedLengthThatCanNotBeKeptIsRefusedAtOnceAndTheOthersGoOn() {
        limits.spoolMost = 4 * MIB;
        bench();
        PretendWire first = bench.client(head(3 * MIB) + EdgeBench.bytes(1_000));
        PretendWire second = bench.client(head(3 * MIB).replace("Host", "Expect: 100-continue\r\nHost"));
        assertRefused(second);
        PretendWire small = bench.client(head(MIB));
        bench.send(first, EdgeBench.bytes(3 * MIB - 1_000));
        bench.send(small, EdgeBench.bytes(MIB));
        bench.serve(OK);
        assertThat(bench.got(first)).startsWith("HTTP/1.1 200 ");
        assertThat(bench.got(small)).startsWith("HTTP/1.1 200 ");
        PretendWire again = bench.client(head(3 * MIB) + EdgeBench.bytes(3 * MIB));
        bench.serve(OK);
        assertThat(bench.got(again)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aBodyThatIsLongerThanAllTheRoomIsTooLargeAndNotToBeTriedAgain() {
        limits.spoolMost = 4 * MIB;
        bench();
        PretendWire announced = bench.client(head(4 * MIB + 1));
        PretendWire inPieces = chunked();
        bench.send(inPieces, Integer.toHexString(8 * MIB) + "\r\n");
        assertThat(bench.got(announced))
                .startsWith("HTTP/1.1 413 ")
                .contains("larger than 4194304 bytes")
                .doesNotContain("Retry-After");
        assertThat(bench.got(inPieces)).startsWith("HTTP/1.1 413 ").doesNotContain("Retry-After");
    }

    @Test
    void whatComesSlowlyKeepsNoRoomThatOthersWant() {
        limits.spoolMost = 4 * MIB;
        bench();
        PretendWire slow = bench.client(head(4 * MIB) + EdgeBench.bytes(20_000));
        assertRefused(bench.client(head(3 * MIB)));
        bench.pass(Duration.ofSeconds(2));
        PretendWire quick = bench.client(head(3 * MIB) + EdgeBench.bytes(3 * MIB));
        bench.serve(OK);
        assertThat(bench.got(quick)).startsWith("HTTP/1.1 200 ");
        bench.send(slow, EdgeBench.bytes(4 * MIB - 20_000));
        bench.serve(OK);
        assertThat(bench.got(slow)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void bodiesOfUnknownLengthNeverWaitForRoomThatOnlyTheyCouldFree() {
        limits.spoolMost = 4 * MIB;
        bench();
        List<PretendWire> clients = List.of(chunked(), chunked(), chunked(), chunked());
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            for (PretendWire client : clients) {
                bench.send(client, chunk(MIB / 4));
            }
        }
        for (PretendWire client : clients) {
            bench.send(client, "0\r\n\r\n");
        }
        bench.serve(OK);
        for (PretendWire client : clients) {
            answers.append(bench.got(client), 0, 12).append(' ');
        }
        assertThat(answers.toString().replaceAll("HTTP/1.1 (503|200) ", "")).isEmpty();
        assertThat(answers.toString()).contains("HTTP/1.1 200 ");
    }

    @Test
    void aPauseEndsWithARefusal() {
        limits.spoolMost = MIB;
        bench();
        fillTheDisk();
        PretendWire waiting = chunked();
        bench.send(waiting, chunk(200_000));
        assertThat(waiting.isReading()).isFalse();
        bench.pass(Duration.ofSeconds(28));
        assertThat(bench.got(waiting)).isEmpty();
        bench.pass(Duration.ofSeconds(4));
        assertRefused(waiting);
    }

    @Test
    void aClientThatLeavesIsNoticedWhileNothingIsReadOfIt() {
        limits.spoolMost = MIB;
        bench();
        fillTheDisk();
        PretendWire ended = chunked();
        PretendWire reset = chunked();
        for (PretendWire client : List.of(ended, reset)) {
            bench.send(client, chunk(100_000));
            assertThat(client.isReading()).isFalse();
        }
        long held = bench.bounds.memory().held();
        ended.peerSends("5");
        ended.peerShutsOutput();
        reset.peerResets();
        bench.pass(Duration.ofMillis(2_500));
        assertThat(ended.isOpen()).isFalse();
        assertThat(reset.isOpen()).isFalse();
        assertThat(bench.bounds.memory().held()).isLessThan(held - 150_000);
    }

    @Test
    void bodiesThatHaveYetToComeTakeHalfOfTheMemoryAtMost() {
        limits.memory = MIB;
        bench();
        List<PretendWire> partial = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            partial.add(bench.client(head(MIB) + EdgeBench.bytes(20_000)));
        }
        assertThat(partial.stream().filter(client -> !client.outputShut())).hasSizeBetween(8, 20);
        assertThat(bench.bounds.memory().held()).isLessThan(limits.memory);
        PretendWire other = bench.client("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200 ");
        partial.forEach(PretendWire::peerShutsOutput);
        bench.pass(Duration.ofSeconds(3));
        assertThat(bench.edge.connections()).isOne();
    }

    @Test
    void aSmallBodyThatIsYetToComeIsCountedAsWell() {
        limits.memory = MIB;
        bench();
        List<PretendWire> partial = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            partial.add(bench.client(head(10_000) + EdgeBench.bytes(9_000)));
        }
        assertThat(partial.stream().filter(client -> !client.outputShut())).hasSizeBetween(20, 40);
        PretendWire other = bench.client("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void headsAndSmallBodiesThatComeSlowlyAreCountedByTheirOwnLength() {
        limits.memory = MIB;
        bench();
        List<PretendWire> partial = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            for (int more = 0; more < 10; more++) {
                partial.add(bench.client(head(3_000) + EdgeBench.bytes(2_000)));
                partial.add(bench.client("GET /" + EdgeBench.bytes(5_000) + " HTTP/1.1\r\nHost: h\r\n"));
            }
            bench.pass(Duration.ofSeconds(1));
        }
        assertThat(bench.bounds.memory().held()).isLessThan(MIB * 7 / 10);
        assertThat(partial.stream().filter(client -> !client.outputShut())).hasSizeBetween(60, 150);
        PretendWire other = bench.client("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aWorkerThatTakesNothingOfAStreamedBodyHasAsLongAsForAnAnswer() {
        limits.stream = List.of("/");
        limits.spoolMost = MIB;
        bench();
        PretendWire client = bench.client(head(8 * MIB));
        bench.loop.settle();
        bench.link(0).peerTakes(0);
        bench.send(client, EdgeBench.bytes(4 * MIB));
        assertThat(client.isReading()).isFalse();
        bench.pass(Duration.ofSeconds(62));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 504 ").contains("\r\nConnection: close\r\n");
        bench.link(0).peerResets();
        bench.loop.settle();
    }
}
