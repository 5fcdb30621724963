package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.loop.PretendWire;

/** Slow clients and slow workers, leaving, waiting, stopping: what flows when, and for how long. */
class FlowTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();
    private EdgeBench.Place place = bench.worker(1);

    private void bench() {
        bench.close();
        bench = new EdgeBench(limits);
        place = bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private static String chunked(String body, int piece) {
        StringBuilder text = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < body.length(); at += piece) {
            String part = body.substring(at, Math.min(body.length(), at + piece));
            text.append(Integer.toHexString(part.length()))
                    .append("\r\n")
                    .append(part)
                    .append("\r\n");
        }
        return text.append("0\r\n\r\n").toString();
    }

    private static String dechunked(String answer) {
        StringBuilder body = new StringBuilder();
        int at = answer.indexOf("\r\n\r\n") + 4;
        while (true) {
            int line = answer.indexOf("\r\n", at);
            int size = Integer.parseInt(answer.substring(at, line), 16);
            if (size == 0) {
                assertThat(answer.substring(line)).isEqualTo("\r\n\r\n");
                return body.toString();
            }
            body.append(answer, line + 2, line + 2 + size);
            assertThat(answer.substring(line + 2 + size, line + 4 + size)).isEqualTo("\r\n");
            at = line + 4 + size;
        }
    }

    @ParameterizedTest
    @CsvSource({"0,70000", "1000,3000", "1000,65536", "66000,5", "200,16000", "5000,100000"})
    void aSlowClientHoldsNoWorkerAndGetsEveryByteInOrder(int taken, int piece) {
        String body = EdgeBench.bytes(piece < 10 ? 40_000 : 700_000);
        PretendWire client = bench.client();
        client.peerTakes(taken);
        bench.send(client, GET);
        bench.serve(chunked(body, piece));
        assertThat(bench.inFlight()).isZero();
        StringBuilder got = new StringBuilder(client.sent());
        int step = 7_919;
        while (client.isOpen() && !got.toString().endsWith("\r\n0\r\n\r\n")) {
            client.peerTakes(step);
            got.append(bench.got(client));
        }
        assertThat(dechunked(got.toString())).isEqualTo(body);
        assertThat(bench.spool.bytesOnDisk() + bench.spool.bytesInMemory()).isZero();
        client.peerTakes(Integer.MAX_VALUE);
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
    }

    @Test
    void aFullDiskMakesTheWorkerWaitUntilTheClientTakesMore() {
        limits.spoolMost = 128 * 1024;
        bench();
        String body = EdgeBench.bytes(2_000_000);
        PretendWire client = bench.client();
        client.peerTakes(0);
        bench.send(client, GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + body);
        assertThat(bench.inFlight()).isEqualTo(1);
        assertThat(bench.link(0).isReading()).isFalse();
        StringBuilder got = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            bench.pass(Duration.ofSeconds(10));
            client.peerTakes(50_000);
            got.append(bench.got(client));
        }
        assertThat(got.toString()).endsWith("\r\n\r\n" + body);
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aSlowReaderHoldsItsShareOfTheRoomOnDiskAndItsWorkerWaits() {
        limits.spoolMost = 20 << 20;
        limits.answerSpoolMost = 1 << 20;
        bench();
        String body = EdgeBench.bytes(9_000_000);
        PretendWire slow = bench.client();
        slow.peerTakes(0);
        bench.send(slow, GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + body);
        assertThat(bench.spool.bytesOnDisk()).isBetween(900_000L, 1L << 20);
        assertThat(bench.spool.answersWaiting()).isOne();
        assertThat(bench.inFlight()).isOne();
        StringBuilder got = new StringBuilder();
        for (int i = 0; i < 100 && !got.toString().endsWith(body); i++) {
            bench.pass(Duration.ofSeconds(1));
            slow.peerTakes(200_000);
            got.append(bench.got(slow));
            assertThat(bench.spool.bytesOnDisk()).isLessThanOrEqualTo(1L << 20);
        }
        assertThat(got.toString()).endsWith(body);
        assertThat(bench.spool.answersWaiting()).isZero();
    }

    @Test
    void allAnswersTogetherLeaveHalfOfTheRoomToUploads() {
        limits.spoolMost = 4 << 20;
        bench();
        bench.worker(20);
        for (int i = 0; i < 10; i++) {
            PretendWire slow = bench.client();
            slow.peerTakes(0);
            bench.send(slow, GET);
        }
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + EdgeBench.bytes(2_000_000));
        assertThat(bench.spool.bytesOnDisk()).isBetween(1_500_000L, 2L << 20);
        PretendWire client = bench.client(
                "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n" + EdgeBench.bytes(2_000_000));
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aClientThatTakesNothingIsCutAndOneThatTakesALittleIsNot() {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + EdgeBench.bytes(100_000);
        PretendWire slow = bench.client();
        PretendWire dead = bench.client();
        slow.peerTakes(0);
        dead.peerTakes(0);
        slow.peerSends(GET);
        bench.send(dead, GET);
        bench.serve(answer);
        for (int i = 0; i < 7; i++) {
            bench.pass(Duration.ofSeconds(10));
            slow.peerTakes(2_000);
            bench.loop.settle();
        }
        assertThat(dead.wasReset()).isTrue();
        assertThat(slow.isOpen()).isTrue();
    }

    @Test
    void aQuietWorkerBeforeTheClientIsFullDoesNotCountAgainstTheClient() {
        limits.answerIdle = Duration.ofMinutes(5);
        bench();
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
        client.peerTakes(0);
        bench.pass(Duration.ofSeconds(100));
        bench.link(0).peerSends("cd");
        bench.loop.settle();
        bench.pass(Duration.ofSeconds(5));
        assertThat(client.wasReset()).isFalse();
        client.peerTakes(10);
        assertThat(bench.got(client)).endsWith("abcd");
    }

    @Test
    void noAnswerInTimeIsA504AndTheSlotStaysTakenUntilTheWorkerIsFree() {
        PretendWire client = bench.client(GET);
        bench.pass(Duration.ofSeconds(59));
        assertThat(bench.got(client)).isEmpty();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 504");
        assertThat(bench.inFlight()).isEqualTo(1);
        bench.serve(OK);
        assertThat(bench.inFlight()).isZero();
        assertThat(bench.link(0).isOpen()).isTrue();
        bench.send(client, GET);
        bench.serve(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aWorkerThatFallsSilentInItsAnswerCutsTheClient() {
        PretendWire client = bench.client(GET);
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
        bench.pass(Duration.ofSeconds(61));
        assertThat(client.wasReset()).isTrue();
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.link(0).outputShut()).as("the worker is told").isTrue();
        assertThat(bench.inFlight()).as("it still works on it").isOne();
        bench.link(0).peerSends("c");
        bench.loop.settle();
        assertThat(bench.link(0).isOpen())
                .as("an answer without an end in sight is broken off")
                .isFalse();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aClientThatLeavesFreesTheSlotOnlyWhenTheWorkerHasEnded() {
        PretendWire client = bench.client(GET);
        client.peerResets();
        bench.loop.settle();
        PretendWire next = bench.client(GET);
        assertThat(bench.links()).isEqualTo(1);
        assertThat(bench.snapshot().waiting()).isEqualTo(1);
        bench.serve(OK);
        assertThat(bench.got(next)).endsWith("ok");
        assertThat(bench.served).hasSize(2);
        assertThat(bench.links()).isEqualTo(1);
    }

    @Test
    void anAnswerThatNobodyWantsIsReadOnlySoFar() {
        PretendWire client = bench.client(GET);
        client.peerResets();
        bench.loop.settle();
        bench.serve("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + EdgeBench.bytes(300_000));
        assertThat(bench.inFlight()).isZero();
        assertThat(bench.link(0).isOpen()).isFalse();
    }

    @Test
    void aClientThatLeavesWhileItsLinkClosesSettlesOnce() {
        PretendWire client = bench.client(GET);
        client.peerResets();
        bench.loop.settle();
        bench.gone(place);
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aGrantOnItsWayToAClientThatLeftIsGivenBack() {
        PretendWire first = bench.client(GET);
        PretendWire second = bench.client(GET);
        PretendWire third = bench.client(GET);
        bench.link(0).peerSends(OK);
        second.peerResets();
        bench.loop.settle();
        bench.serve(OK);
        assertThat(bench.got(first)).endsWith("ok");
        assertThat(bench.got(third)).endsWith("ok");
    }

    @Test
    void aClientThatWaitsAndLeavesIsTakenOutOfTheQueue() {
        bench.client(GET);
        PretendWire waits = bench.client(GET);
        assertThat(bench.snapshot().waiting()).isEqualTo(1);
        waits.peerResets();
        bench.loop.settle();
        assertThat(bench.snapshot().waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16_000, 70_000, 400_000})
    void aBodyOfAnySizeArrivesWhole(int size) {
        String body = EdgeBench.bytes(size);
        for (boolean asChunks : new boolean[] {false, true}) {
            PretendWire client = bench.client("POST /a HTTP/1.1\r\nHost: h\r\n");
            String request = asChunks
                    ? chunked(body, 9_000).replace("HTTP/1.1 200 OK\r\n", "")
                    : "Content-Length: " + size + "\r\n\r\n" + body;
            for (int at = 0; at < request.length(); at += 11_003) {
                assertThat(bench.inFlight()).isZero();
                bench.send(client, request.substring(at, Math.min(request.length(), at + 11_003)));
            }
            bench.serve(OK);
            assertThat(bench.served.getLast()).endsWith("Content-Length: " + size + "\r\n\r\n" + body);
            assertThat(bench.got(client)).endsWith("ok");
        }
    }

    @Test
    void aFullDiskPausesTheClientWithoutBlamingIt() {
        limits.spoolMost = 256 * 1024;
        bench();
        bench.client(GET);
        bench.serve(OK);
        bench.link(0).peerTakes(0);
        String held = EdgeBench.bytes(300_000);
        PretendWire holder = bench.client(
                "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" + held + "\r\n0\r\n\r\n");
        String body = EdgeBench.bytes(200_000);
        PretendWire client = bench.client(
                "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n" + body + "\r\n0\r\n\r\n");
        assertThat(client.isReading()).isFalse();
        bench.pass(Duration.ofSeconds(20));
        assertThat(bench.got(client)).isEmpty();
        bench.link(0).peerTakes(Integer.MAX_VALUE);
        bench.serve(OK);
        assertThat(bench.got(holder)).startsWith("HTTP/1.1 200 ");
        assertThat(bench.served.getLast()).endsWith(body);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ");
    }
}
