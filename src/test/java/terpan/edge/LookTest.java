package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendWire;
import terpan.picture.Connections;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;

/** What a person sees who looks at the requests of one loop. */
final class LookTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String FAILS = "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno";

    private final EdgeBench bench = new EdgeBench();

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private PretendWire ask(String target) {
        PretendWire client =
                bench.client(new InetSocketAddress("192.0.2.66", 5), new InetSocketAddress("192.0.2.1", 80));
        bench.send(client, "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return client;
    }

    private static Duration between(OpenRequest one) {
        return Duration.between(one.begun(), one.since());
    }

    @Test
    void whatIsWithAWorkerAndWhoWaitsIsTold() {
        bench.worker(1);
        ask("/report/4711?page=2");
        bench.pass(Duration.ofMillis(300));
        ask("/users/7");
        List<OpenRequest> open = bench.edge.look().open();
        assertThat(open).extracting(OpenRequest::route).containsExactlyInAnyOrder("GET /report/{}", "GET /users/{}");
        OpenRequest working =
                open.stream().filter(OpenRequest::works).findFirst().orElseThrow();
        OpenRequest waiting =
                open.stream().filter(OpenRequest::waits).findFirst().orElseThrow();
        assertThat(working.target()).isEqualTo("/report/4711?page=2");
        assertThat(working.client()).isEqualTo("192.0.2.66");
        assertThat(working.worker()).isNotEmpty();
        assertThat(working.id()).isNotEmpty().isNotEqualTo(waiting.id());
        assertThat(between(working)).isZero();
        assertThat(waiting.worker()).isEmpty();
        assertThat(Duration.between(working.begun(), waiting.begun())).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        bench.serve(OK);
        assertThat(bench.edge.look().open()).isEmpty();
    }

    @Test
    void whatWasSlowIsKeptWithWhereItsTimeWent() {
        bench.worker(1);
        ask("/report/1");
        bench.pass(Duration.ofMillis(200));
        ask("/report/2");
        bench.pass(Duration.ofMillis(100));
        bench.serve(OK);
        List<PastRequest> slow = bench.edge.look().slow();
        assertThat(slow).hasSize(2);
        PastRequest waited = slow.stream()
                .filter(one -> one.target().equals("/report/2"))
                .findFirst()
                .orElseThrow();
        assertThat(waited.times().queue()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(waited.times().total()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(waited.status()).isEqualTo(200);
        bench.pass(Duration.ofMinutes(6));
        assertThat(bench.edge.look().slow()).isEmpty();
    }

    @Test
    void whatIsQuickAndGoodIsNotKept() {
        bench.worker(1);
        ask("/");
        bench.serve(OK);
        assertThat(bench.edge.look().slow()).isEmpty();
        assertThat(bench.edge.look().failed()).isEmpty();
    }

    @Test
    void ofAFloodOfFailuresFewAreKept() {
        bench.worker(1);
        for (int i = 0; i < 40; i++) {
            ask("/fails");
            bench.serve(FAILS);
        }
        assertThat(bench.edge.look().failed()).hasSize(8).allMatch(one -> one.status() == 500);
        for (int i = 0; i < 200; i++) {
            bench.pass(Duration.ofMillis(200));
            ask("/fails");
            bench.serve(FAILS);
        }
        assertThat(bench.edge.look().failed()).hasSize(64);
    }

    @Test
    void theSlowestOfManyAreKept() {
        bench.worker(1);
        for (int i = 1; i <= 60; i++) {
            ask("/export/" + i);
            bench.pass(Duration.ofMillis(30 + i));
            bench.serve(OK);
        }
        List<PastRequest> slow = bench.edge.look().slow();
        assertThat(slow).hasSize(16);
        assertThat(slow.stream().map(one -> one.times().total().toMillis()).min(Long::compare))
                .hasValueSatisfying(least -> assertThat(least).isGreaterThan(70));
    }

    private int connections(Connections.State state) {
        return bench.edge.look().connections().count(Connections.Protocol.HTTP_1, state);
    }

    @Test
    void whatConnectionsAreAtIsTold() {
        bench.worker(1);
        PretendWire client = bench.client();
        assertThat(connections(Connections.State.IDLE)).isEqualTo(1);
        bench.send(client, "GET / HTTP/1.1\r\n");
        assertThat(connections(Connections.State.READING)).isEqualTo(1);
        bench.send(client, "Host: h\r\n\r\n");
        ask("/waits");
        assertThat(connections(Connections.State.WORKING)).isEqualTo(1);
        assertThat(connections(Connections.State.WAITING)).isEqualTo(1);
        assertThat(connections(Connections.State.IDLE)).isZero();
        bench.serve(OK);
        assertThat(connections(Connections.State.IDLE)).isEqualTo(2);
        client.close();
        bench.pass(Duration.ofMillis(1));
    }

    @Test
    void noWorkerIsTheReason() {
        bench.dispatcher.expectWorkers(false);
        ask("/");
        List<PastRequest> failed = bench.edge.look().failed();
        assertThat(failed).extracting(PastRequest::why).containsExactly("no worker is ready");
        assertThat(failed.getFirst().status()).isEqualTo(503);
    }
}
