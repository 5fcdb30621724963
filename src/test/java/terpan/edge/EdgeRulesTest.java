package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendWire;

/** Full queues and the stop. */
class EdgeRulesTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    @Test
    void aFullQueueAndALongWaitAre503WithRetryAfter() {
        limits.queueSize = 1;
        limits.queueWait = Duration.ofSeconds(5);
        bench();
        bench.client(GET);
        PretendWire waits = bench.client(GET);
        PretendWire refused = bench.client(GET);
        assertThat(bench.got(refused)).startsWith("HTTP/1.1 503").contains("\r\nRetry-After: 1\r\n", "queue full");
        bench.pass(Duration.ofSeconds(6));
        assertThat(bench.got(waits)).startsWith("HTTP/1.1 503").contains("queue wait too long");
        bench.serve(OK);
        bench.send(refused, GET);
        bench.serve(OK);
        assertThat(bench.got(refused)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aStopClosesIdleConnectionsSoonAndOthersWithTheirAnswer() {
        bench();
        boolean[] empty = new boolean[1];
        PretendWire idle = bench.client(GET);
        bench.serve(OK);
        bench.got(idle);
        PretendWire busy = bench.client(GET);
        PretendWire begun = bench.client("GET /a HT");
        bench.edge.stop(() -> empty[0] = true);
        PretendWire late = bench.client();
        bench.send(begun, "TP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(OK);
        assertThat(bench.got(busy)).contains("\r\nConnection: close\r\n").endsWith("ok");
        assertThat(bench.got(begun)).contains("\r\nConnection: close\r\n").endsWith("ok");
        bench.pass(Duration.ofMillis(1_100));
        for (PretendWire wire : List.of(idle, busy, begun, late)) {
            assertThat(wire.outputShut()).isTrue();
            assertThat(wire.wasReset()).isFalse();
        }
        assertThat(empty[0]).isFalse();
        bench.pass(Duration.ofSeconds(3));
        assertThat(empty[0]).isTrue();
    }
}
