package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.loop.PretendWire;

/** Routes whose bodies go to the worker as they come. */
class StreamTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String HEAD = "POST /upload/a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    @BeforeEach
    void streaming() {
        bench.close();
        limits.stream = List.of("/upload/", "/*/raw");
        bench = new EdgeBench(limits);
        bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    @Test
    void theWorkerHasWhatHasComeAndAnswersOnceAllHas() {
        String body = EdgeBench.bytes(100_000);
        PretendWire client = bench.client(HEAD + body.substring(0, 10));
        StringBuilder got = new StringBuilder(bench.got(bench.link(0)));
        assertThat(got.toString()).contains("Content-Length: 100000\r\n").endsWith(body.substring(0, 10));
        for (int at = 10; at < body.length(); at += 30_000) {
            bench.send(client, body.substring(at, Math.min(body.length(), at + 30_000)));
            got.append(bench.got(bench.link(0)));
        }
        assertThat(got.toString()).endsWith(body);
        bench.link(0).peerSends(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ").doesNotContain("Connection: close");
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(client)).endsWith("ok");
    }

    @ParameterizedTest
    @CsvSource({"/upload/a, true", "/upload, false", "/x/raw, true", "/x/y/raw/z, true", "/raw, false", "/, false"})
    void onlyPathsThatBeginAsTheSettingSaysStream(String path, boolean streams) {
        bench.client("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nabc");
        assertThat(bench.links()).isEqualTo(streams ? 1 : 0);
    }

    @Test
    void aChunkedBodyIsTakenInWholeForItsLengthIsNotKnown() {
        PretendWire client =
                bench.client("POST /upload/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        assertThat(bench.links()).isZero();
        bench.send(client, "0\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.served.getFirst()).endsWith("Content-Length: 3\r\n\r\nabc");
    }

    @Test
    void anAnswerBeforeTheBodyIsWholeEndsTheConnection() {
        PretendWire client = bench.client(HEAD + "abc");
        bench.got(bench.link(0));
        bench.link(0).peerSends("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
        assertThat(bench.got(client))
                .startsWith("HTTP/1.1 413 ")
                .contains("Connection: close")
                .endsWith("no");
        assertThat(client.outputShut()).isTrue();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void aClientThatLeavesInItsBodyFreesTheWorker() {
        PretendWire client = bench.client(HEAD + "abc");
        assertThat(bench.inFlight()).isOne();
        client.peerShutsOutput();
        bench.loop.settle();
        assertWorkerIsToldAndFreeOnceItEnds();
    }

    @Test
    void aBodyThatStopsComingIsGivenUpWith408() {
        PretendWire client = bench.client(HEAD + "abc");
        bench.pass(Duration.ofSeconds(40));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 408 ");
        assertWorkerIsToldAndFreeOnceItEnds();
    }

    @Test
    void aBodyThatStopsComingAfterTheAnswerBeganIsCut() {
        PretendWire client = bench.client(HEAD + "abc");
        bench.got(bench.link(0));
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        bench.pass(Duration.ofSeconds(40));
        assertThat(client.wasReset()).isTrue();
        assertWorkerIsToldAndFreeOnceItEnds();
    }

    /** It may have its thread in anything, and read nothing: its place is free when it says so. */
    @Test
    void aPageThatTheClientHasTakenAPartOfIsNotFollowedByAnother() {
        PretendWire client = bench.client(HEAD + "abc");
        client.peerTakes(20);
        bench.link(0).peerResets();
        assertThat(bench.got(client)).isEqualTo("HTTP/1.1 502 Bad Gat");
        bench.pass(Duration.ofSeconds(40));
        assertThat(client.wasReset()).isTrue();
    }

    private void assertWorkerIsToldAndFreeOnceItEnds() {
        assertThat(bench.link(0).outputShut()).isTrue();
        assertThat(bench.inFlight()).isOne();
        bench.link(0).peerShutsOutput();
        bench.loop.settle();
        assertThat(bench.inFlight()).isZero();
        assertThat(bench.link(0).isOpen()).isFalse();
    }

    @Test
    void aWorkerThatIsSilentWhileTheBodyComesIsNotLate() {
        limits.answerIdle = Duration.ofSeconds(20);
        streaming();
        PretendWire client = bench.client(HEAD);
        for (int i = 0; i < 10; i++) {
            bench.pass(Duration.ofSeconds(5));
            bench.send(client, EdgeBench.bytes(10_000));
            bench.got(bench.link(0));
        }
        bench.pass(Duration.ofSeconds(15));
        bench.link(0).peerSends(OK);
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aStreamThatWaitsForAWorkerIsCollectedMeanwhile() {
        PretendWire first = bench.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        String body = EdgeBench.bytes(100_000);
        PretendWire client = bench.client(HEAD + body);
        bench.serve(OK);
        assertThat(bench.served).hasSize(2);
        assertThat(bench.served.getLast()).endsWith(body);
        assertThat(bench.got(first) + bench.got(client)).containsSubsequence("ok", "ok");
    }
}
