package terpan.attached;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When one address gets requests, when it is left out, and how it comes back; in virtual time. */
final class AttachedAddressTest {
    private static final long MILLISECOND = 1_000_000;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long PROBE_MOST = 2 * SECOND;

    private final Backoff backoff = new Backoff(100 * MILLISECOND, 30 * SECOND, bound -> 0);
    private int woken;
    private final Target target = new Target(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), () -> woken++);
    private long now = 5 * SECOND;
    private AttachedAddress address = new AttachedAddress(target, backoff, 0, PROBE_MOST, now);

    private void check(Duration every) {
        address = new AttachedAddress(target, backoff, every.toNanos(), PROBE_MOST, now);
    }

    private void pass(long nanos) {
        now += nanos;
    }

    private void probe(boolean passes) {
        assertThat(address.due()).isLessThanOrEqualTo(now);
        address.probeBegins(now);
        if (passes) {
            address.probePassed("it takes connections", now);
        } else {
            address.probeFailed(Fault.CONNECT, "Connection refused", now);
        }
    }

    private void look() {
        address.look(now);
    }

    private void answer() {
        target.answered();
        look();
    }

    private long untilNext() {
        return address.due() - now;
    }

    @Test
    void nothingIsSentToItBeforeAProbeHasShownThatItIsWell() {
        assertThat(target.isOpen()).isFalse();
        probe(true);
        assertThat(target.isOpen()).isTrue();
        assertThat(address.state()).isEqualTo(AttachedAddress.State.UP);
        assertThat(address.due()).as("it is not asked while it is well").isEqualTo(AttachedAddress.NEVER);
    }

    @Test
    void aConnectThatFailsPutsItOutBeforeAnybodyHasLooked() {
        probe(true);
        target.notConnected("Connection refused");
        assertThat(target.isOpen()).isFalse();
        assertThat(woken).isEqualTo(1);
        look();
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
        assertThat(address.fault()).isEqualTo(Fault.CONNECT);
        assertThat(address.reason()).isEqualTo("Connection refused");
    }

    @Test
    void theProbesBackOffUpToHalfAMinuteAndThenItIsNotExpected() {
        probe(false);
        long[] pauses = {100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000};
        for (int i = 0; i < pauses.length; i++) {
            assertThat(untilNext()).isEqualTo(pauses[i] * MILLISECOND);
            assertThat(address.isExpected()).as("after " + (i + 1)).isEqualTo(pauses[i] < 30_000);
            pass(untilNext());
            probe(false);
        }
        pass(untilNext());
        probe(true);
        assertThat(address.isExpected()).isTrue();
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
        assertThat(address.state()).isEqualTo(AttachedAddress.State.UP);
        silence();
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
        assertThat(address.fault()).isEqualTo(Fault.ANSWER);
        assertThat(address.reason()).isEqualTo("3 requests in a row got no answer: connection closed");
    }

    private void silence() {
        for (int i = 0; i < AttachedAddress.SILENT_MOST; i++) {
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
        assertThat(address.isOnTrial()).isTrue();
        target.unanswered("no answer in time");
        look();
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
        assertThat(address.reason()).isEqualTo("a request got no answer: no answer in time");
        pass(untilNext());
        probe(true);
        answer();
        assertThat(address.isOnTrial()).isFalse();
    }

    @Test
    void oneCheckMayFailTwoInARowMayNot() {
        check(Duration.ofSeconds(5));
        probe(true);
        assertThat(untilNext()).isEqualTo(5 * SECOND);
        for (int i = 0; i < 3; i++) {
            pass(untilNext());
            address.probeBegins(now);
            address.probeFailed(Fault.CHECK, "/up was answered with 503", now);
            assertThat(address.state()).isEqualTo(AttachedAddress.State.UP);
            assertThat(untilNext()).as("it is asked again soon").isEqualTo(SECOND);
            pass(untilNext());
            probe(true);
        }
        pass(untilNext());
        address.probeBegins(now);
        address.probeFailed(Fault.CHECK, "/up was answered with 503", now);
        pass(untilNext());
        address.probeBegins(now);
        address.probeFailed(Fault.CHECK, "/up was answered with 503", now);
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
        assertThat(address.fault()).isEqualTo(Fault.CHECK);
        assertThat(target.isOpen()).isFalse();
        pass(untilNext());
        probe(true);
        assertThat(address.isOnTrial()).as("the check has shown it").isFalse();
    }

    @Test
    void aCheckThatCanNotConnectPutsItOutAtOnce() {
        check(Duration.ofSeconds(5));
        probe(true);
        pass(untilNext());
        probe(false);
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
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
        assertThat(address.state()).isEqualTo(AttachedAddress.State.DOWN);
    }

    @Test
    void whatComesLateWhileItIsLeftOutChangesNothing() {
        probe(true);
        target.notConnected("Connection refused");
        look();
        long due = address.due();
        target.notConnected("no connection within 2000 ms");
        target.unanswered("connection closed");
        target.doubted();
        look();
        assertThat(address.due()).isEqualTo(due);
        pass(untilNext());
        probe(true);
        look();
        assertThat(address.state()).as("the old failures are forgotten").isEqualTo(AttachedAddress.State.UP);
    }

    @Test
    void anOperatorNeedNotWaitForTheNextProbe() {
        probe(true);
        address.probeNow(now);
        assertThat(address.due()).isEqualTo(AttachedAddress.NEVER);
        target.notConnected("Connection refused");
        look();
        address.probeNow(now);
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
