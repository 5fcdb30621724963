package terpan.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.link.nativelink.RecordedCall;
import terpan.loop.PretendLoop;
import terpan.loop.PretendWire;

/** Two loops with a link each to one worker that minds how many connections it has. */
class ConnectionsTest {
    private static final SocketAddress ADDRESS = InetSocketAddress.createUnresolved("worker", 1);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final LinkLimits LIMITS =
            new LinkLimits(Duration.ofSeconds(5), 64 * 1024, 100, true, () -> CONNECT_TIMEOUT);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final PretendLoop here = new PretendLoop(0);
    private final PretendLoop there = new PretendLoop(1);
    private final Connections connections = new Connections(2);
    private final HttpLink link = new HttpLink(here, ADDRESS, LIMITS, connections);
    private final HttpLink other = new HttpLink(there, ADDRESS, LIMITS, connections);

    @AfterEach
    void nothingIsHeld() {
        link.close();
        other.close();
        settle();
        assertThat(connections.open()).isZero();
        assertThat(connections.wanted()).isZero();
    }

    private void settle() {
        for (int i = 0; i < 4; i++) {
            here.settle();
            there.settle();
        }
        assertThat(open()).hasSizeLessThanOrEqualTo(2).hasSize(connections.open());
    }

    private List<PretendWire> open() {
        List<PretendWire> all = new ArrayList<>(here.connected());
        all.addAll(there.connected());
        return all.stream().filter(PretendWire::isOpen).toList();
    }

    private RecordedCall forward(HttpLink to) {
        RecordedCall call = RecordedCall.get("/");
        to.forward(call);
        settle();
        return call;
    }

    /** Answers every request that has arrived on this loop's connections. */
    private void serve(PretendLoop loop) {
        loop.connected().stream()
                .filter(PretendWire::isOpen)
                .filter(wire -> !wire.sent().isEmpty())
                .forEach(wire -> wire.peerSends(OK));
        settle();
    }

    private void serveAll() {
        serve(here);
        serve(there);
    }

    @Test
    void anIdleConnectionOfAnotherLoopGivesWay() {
        RecordedCall first = forward(link);
        RecordedCall second = forward(link);
        serveAll();
        assertThat(first.heard).endsWith("end");
        assertThat(second.heard).endsWith("end");
        assertThat(here.connected()).hasSize(2).allMatch(PretendWire::isOpen);

        RecordedCall elsewhere = forward(other);
        assertThat(here.connected()).filteredOn(PretendWire::isOpen).hasSize(1);
        serveAll();
        assertThat(elsewhere.heard).endsWith("end");
    }

    @Test
    void aConnectionThatIsInUseGivesWayWhenItsAnswerIsWhole() {
        forward(link);
        forward(link);
        RecordedCall elsewhere = forward(other);
        assertThat(there.connected()).isEmpty();
        serve(here);
        assertThat(there.connected()).hasSize(1);
        serveAll();
        assertThat(elsewhere.heard).endsWith("end");
    }

    @Test
    void aLinksOwnConnectionServesTheCallThatWaits() {
        forward(link);
        forward(link);
        RecordedCall third = forward(link);
        serveAll();
        serveAll();
        assertThat(third.heard).endsWith("end");
        assertThat(here.connected()).hasSize(2);
    }

    @Test
    void aCallThatWaitsCanBeCancelled() {
        forward(link);
        forward(link);
        RecordedCall waits = forward(other);
        boolean[] ended = new boolean[1];
        other.cancel(waits, () -> ended[0] = true);
        assertThat(ended[0]).isTrue();
        assertThat(connections.wanted()).isZero();
        serveAll();
        assertThat(waits.heard).isEmpty();
        assertThat(here.connected()).allMatch(PretendWire::isOpen);
    }

    @Test
    void aCallThatWaitsFailsWhenTheWorkerIsGone() {
        forward(link);
        forward(link);
        RecordedCall waits = forward(other);
        other.close();
        assertThat(waits.all()).isEqualTo("failed NOT_CONNECTED: the worker is gone");
    }

    @Test
    void roomThatWasTakenForAConnectThatFailedIsThereAgain() {
        here.connectFails(address -> new IOException("refused"));
        for (int i = 0; i < 3; i++) {
            assertThat(forward(link).all()).contains("failed NOT_CONNECTED: refused");
        }
        here.connectFails(address -> null);
        RecordedCall call = forward(link);
        serveAll();
        assertThat(call.heard).endsWith("end");
    }

    @Test
    void everyCallIsServedWhateverTheOrder() {
        long seed = Long.getLong("terpan.seed", System.nanoTime());
        Random random = new Random(seed);
        List<RecordedCall> calls = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            long unserved = calls.stream().filter(call -> call.heard.isEmpty()).count();
            if (unserved < 2 && random.nextBoolean()) {
                RecordedCall call = RecordedCall.get("/");
                (random.nextBoolean() ? link : other).forward(call);
                calls.add(call);
            }
            (random.nextBoolean() ? here : there).turn();
            if (random.nextInt(3) == 0) {
                serve(random.nextBoolean() ? here : there);
            }
        }
        serveAll();
        serveAll();
        assertThat(calls)
                .as("seed %d", seed)
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.heard).endsWith("end"));
    }
}
