package terpan.attached;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When one address gets requests, when it is left out, and how it comes back; in virtual time. */
final class EndpointTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long PROBE_MOST = 2 * SECOND;

    private final Backoff backoff = new Backoff(100 * MILLISECOND, 30 * SECOND, bound -> 0);
    private int woken;
    private final Target target = new Target(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), () -> woken++);
    private long now = 5 * SECOND;
    private Endpoint endpoint = new Endpoint(target, backoff, 0, PROBE_MOST, now);

    private void check(Duration every) {
        endpoint = new Endpoint(target, backoff, every.toNanos(), PROBE_MOST, now);
    }

    private void pass(long nanos) {
        now += nanos;
    }

    private void probe(boolean passes) {
        assertThat(endpoint.due()).isLessThanOrEqualTo(now);
        endpoint.probeBegins(now);
        if (passes) {
            endpoint.probePassed("it takes connections", now);
        } else {
            endpoint.probeFailed(Fault.CONNECT, "Connection refused", now);
        }
    }

    private void look() {
        endpoint.look(now);
    }

    private void answer() {
        target.answered();
        look();
    }

    private long untilNext() {
        return endpoint.due() - now;
    }

    @Test
    void nothingIsSentToItBeforeAProbeHasShownThatItIsWell() {
        assertThat(target.isOpen()).isFalse();
        probe(true);
        assertThat(target.isOpen()).isTrue();
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.UP);
        assertThat(endpoint.due()).as("it is not asked while it is well").isEqualTo(Endpoint.NEVER);
    }

    @Test
    void aConnectThatFailsPutsItOutBeforeAnybodyHasLooked() {
        probe(true);
        target.notConnected("Connection refused");
        assertThat(target.isOpen()).isFalse();
        assertThat(woken).isEqualTo(1);
        look();
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
        assertThat(endpoint.fault()).isEqualTo(Fault.CONNECT);
        assertThat(endpoint.reason()).isEqualTo("Connection refused");
    }

    @Test
    void theProbesBackOffUpToHalfAMinuteAndThenThereIsNoHope() {
        probe(false);
        long[] pauses = {100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000};
        for (int i = 0; i < pauses.length; i++) {
            assertThat(untilNext()).isEqualTo(pauses[i] * MILLISECOND);
            assertThat(endpoint.hasHope()).as("after " + (i + 1)).isEqualTo(pauses[i] < 30_000);
            pass(untilNext());
            probe(false);
        }
        pass(untilNext());
        probe(true);
        assertThat(endpoint.hasHope()).isTrue();
        assertThat(target.isOpen()).isTrue();
    }

    @Test
    void whoFailsAgainBeforeItWasSteadyIsLeftOutForLonger() {
        probe(true);
        for (int i = 0; i < 4; i++) {
            pass(20 * SECOND);
            target.notConnected("Connection refused");
            look();
            assertThat(untilNext()).isEqualTo((100 << i) * MILLISECOND);
            pass(untilNext());
            probe(true);
        }
        answer();
        pass(20 * SECOND);
        target.notConnected("Connection refused");
        look();
        assertThat(untilNext()).as("it has answered, and was well for a while").isEqualTo(100 * MILLISECOND);
    }

    @Test
    void requestsWithoutAnAnswerPutItOutWhenThereAreSeveralInARow() {
        probe(true);
        for (int i = 0; i < 10; i++) {
            target.unanswered("connection closed");
            target.unanswered("connection closed");
            look();
            answer();
        }
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.UP);
        silence();
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
        assertThat(endpoint.fault()).isEqualTo(Fault.ANSWER);
        assertThat(endpoint.reason()).isEqualTo("3 requests in a row got no answer: connection closed");
    }

    private void silence() {
        for (int i = 0; i < Endpoint.SILENT_MOST; i++) {
            target.unanswered("connection closed");
        }
        look();
    }

    @Test
    void whoDidNotAnswerIsTriedWithOneRequestWhereThereIsNoCheck() {
        probe(true);
        silence();
        pass(untilNext());
        probe(true);
        assertThat(endpoint.isOnTrial()).isTrue();
        target.unanswered("no answer in time");
        look();
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
        assertThat(endpoint.reason()).isEqualTo("a request got no answer: no answer in time");
        pass(untilNext());
        probe(true);
        answer();
        assertThat(endpoint.isOnTrial()).isFalse();
    }

    @Test
    void oneCheckMayFailTwoInARowMayNot() {
        check(Duration.ofSeconds(5));
        probe(true);
        assertThat(untilNext()).isEqualTo(5 * SECOND);
        for (int i = 0; i < 3; i++) {
            pass(untilNext());
            endpoint.probeBegins(now);
            endpoint.probeFailed(Fault.CHECK, "/up was answered with 503", now);
            assertThat(endpoint.state()).isEqualTo(Endpoint.State.UP);
            assertThat(untilNext()).as("it is asked again soon").isEqualTo(SECOND);
            pass(untilNext());
            probe(true);
        }
        pass(untilNext());
        endpoint.probeBegins(now);
        endpoint.probeFailed(Fault.CHECK, "/up was answered with 503", now);
        pass(untilNext());
        endpoint.probeBegins(now);
        endpoint.probeFailed(Fault.CHECK, "/up was answered with 503", now);
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
        assertThat(endpoint.fault()).isEqualTo(Fault.CHECK);
        assertThat(target.isOpen()).isFalse();
        pass(untilNext());
        probe(true);
        assertThat(endpoint.isOnTrial()).as("the check has shown it").isFalse();
    }

    @Test
    void aCheckThatCanNotConnectPutsItOutAtOnce() {
        check(Duration.ofSeconds(5));
        probe(true);
        pass(untilNext());
        probe(false);
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
    }

    @Test
    void aRequestGivenUpBeforeItWasConnectedIsAReasonToLookOnceASecondAtMost() {
        probe(true);
        target.doubted();
        look();
        assertThat(untilNext()).as("it was looked at just now").isEqualTo(SECOND);
        pass(5 * SECOND);
        probe(true);
        pass(5 * SECOND);
        target.doubted();
        target.doubted();
        look();
        assertThat(untilNext()).isZero();
        probe(false);
        assertThat(endpoint.state()).isEqualTo(Endpoint.State.DOWN);
    }

    @Test
    void whatComesLateWhileItIsLeftOutChangesNothing() {
        probe(true);
        target.notConnected("Connection refused");
        look();
        long due = endpoint.due();
        target.notConnected("no connection within 2000 ms");
        target.unanswered("connection closed");
        target.doubted();
        look();
        assertThat(endpoint.due()).isEqualTo(due);
        pass(untilNext());
        probe(true);
        look();
        assertThat(endpoint.state()).as("the old failures are forgotten").isEqualTo(Endpoint.State.UP);
    }

    @Test
    void anOperatorNeedNotWaitForTheNextProbe() {
        probe(true);
        endpoint.probeNow(now);
        assertThat(endpoint.due()).isEqualTo(Endpoint.NEVER);
        target.notConnected("Connection refused");
        look();
        endpoint.probeNow(now);
        assertThat(untilNext()).isZero();
    }

    @Test
    void theWatchIsWokenOnceUntilItHasLooked() {
        probe(true);
        for (int i = 0; i < 100; i++) {
            target.unanswered("connection closed");
        }
        assertThat(woken).isEqualTo(1);
        look();
        target.unanswered("connection closed");
        assertThat(woken).isEqualTo(2);
    }

    @Test
    void pausesAreSpreadByAFifthAtMost() {
        Backoff spread = new Backoff(100 * MILLISECOND, 30 * SECOND, bound -> bound - 1);
        assertThat(spread.pause(1)).isEqualTo(80 * MILLISECOND);
        assertThat(spread.pause(1_000)).isEqualTo(24 * SECOND);
        assertThat(spread.isLongest(9)).isFalse();
        assertThat(spread.isLongest(10)).isTrue();
    }
}
