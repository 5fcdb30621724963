package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import terpan.link.LinkLimits;
import terpan.loop.PretendWire;

/** Requests whose client left and whose connection the worker's server closed, though the application goes on with them. */
class GoesOnTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String ANSWER_BEGINS = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String PIECE = "1\r\n.\r\n";
    private static final String ANSWER_ENDS = "0\r\n\r\n";

    private final EdgeBench bench = new EdgeBench();

    @BeforeEach
    void oneWorker() {
        bench.worker(
                2,
                new LinkLimits(
                        Duration.ofSeconds(5),
                        64 * 1024,
                        100,
                        true,
                        () -> EdgeBench.CONNECT_TIMEOUT,
                        true,
                        true,
                        false,
                        true,
                        ""));
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    /** A client asks and leaves; the name that its request had. */
    private String leaves() {
        PretendWire client = bench.client(GET);
        String request = bench.lastLink().sent();
        assertThat(request).matches("(?s).*X-Terpan-Origin: [^@]+ @[0-9]+-[0-9]+\r\n.*");
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.lastLink().outputShut()).isTrue();
        return request.substring(request.indexOf('@') + 1, request.indexOf("\r\n", request.indexOf('@')));
    }

    private PretendWire question(String name) {
        bench.loop.settle();
        assertThat(bench.lastLink().sent()).contains("X-Terpan-Origin: ended " + name + " http - - -\r\n");
        return bench.lastLink();
    }

    @Test
    void thePlaceIsFreeWhenTheWorkerSaysThatTheRequestHasEnded() {
        String name = leaves();
        bench.lastLink().peerShutsOutput();
        PretendWire question = question(name);
        assertThat(bench.links()).isEqualTo(2);
        bench.send(question, ANSWER_BEGINS);
        for (int more = 0; more < 3; more++) {
            bench.send(question, PIECE);
            assertThat(bench.inFlight()).isOne();
        }
        bench.send(question, ANSWER_ENDS);
        assertThat(bench.inFlight()).isZero();
        assertThat(question.isOpen()).as("kept for the next request").isTrue();
    }

    @Test
    void aWorkerThatKeepsTheConnectionIsAskedForASignOfLifeAndAgainWhenItIsClosed() {
        String name = leaves();
        bench.pass(Duration.ofSeconds(1));
        PretendWire question = question(name);
        bench.pass(Duration.ofSeconds(5));
        assertThat(bench.links()).as("one question at a time").isEqualTo(2);
        bench.send(question, ANSWER_BEGINS + PIECE + ANSWER_ENDS);
        assertThat(bench.inFlight()).as("it may not have read the request yet").isOne();
        bench.link(0).peerShutsOutput();
        bench.loop.settle();
        assertThat(question.sent()).contains("ended " + name);
        bench.send(question, ANSWER_BEGINS + ANSWER_ENDS);
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void anAnswerThatIsWholeAllTheSameIsTheEnd() {
        leaves();
        bench.send(bench.link(0), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(bench.inFlight()).isZero();
        assertThat(bench.links()).isOne();
    }

    @Test
    void anAnswerThatEndsWithItsConnectionIsNoEnd() {
        String name = leaves();
        bench.send(bench.link(0), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        bench.link(0).peerShutsOutput();
        question(name);
        assertThat(bench.inFlight()).isOne();
    }

    @Test
    void anAnswerThatGoesOnForNobodyIsClosedAndAskedAbout() {
        String name = leaves();
        bench.send(bench.link(0), ANSWER_BEGINS + PIECE);
        assertThat(bench.link(0).isOpen()).isFalse();
        question(name);
        assertThat(bench.inFlight()).isOne();
    }

    @Test
    void aQuestionThatDidNotComeThroughIsAskedAgain() {
        PretendWire other = bench.client(GET);
        PretendWire kept = bench.lastLink();
        kept.sent();
        String name = leaves();
        bench.send(kept, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(bench.got(other)).startsWith("HTTP/1.1 200");
        bench.link(1).peerShutsOutput();
        bench.loop.settle();
        assertThat(kept.sent()).contains("ended " + name);
        kept.peerShutsOutput();
        bench.loop.settle();
        assertThat(bench.inFlight()).isOne();
        bench.pass(Duration.ofMillis(200));
        bench.send(question(name), ANSWER_BEGINS + ANSWER_ENDS);
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void withTheWorkerTheRequestHasEnded() {
        String name = leaves();
        bench.lastLink().peerShutsOutput();
        question(name);
        bench.links.closeAll();
        bench.loop.settle();
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void whatNeverReachedTheWorkerIsNotAskedAbout() {
        PretendWire client = bench.client();
        bench.send(client, "GET /a HTTP/1.1\r\nHost: h\r\nX: ");
        client.peerResets();
        bench.loop.settle();
        assertThat(bench.links()).isZero();
    }
}
