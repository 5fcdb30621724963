package terpan.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;
import terpan.dispatch.Admission;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.Waiter;

/** Requests wait as long as a worker of either kind may come. */
final class ExpectedWorkersTest {
    private final Dispatcher dispatcher = new Dispatcher(
            new Settings.Dispatch(
                    Settings.Choice.LEAST_LOADED,
                    Settings.Sticky.ADDRESS,
                    0,
                    Duration.ofSeconds(30),
                    32,
                    Duration.ofMillis(1)),
            bound -> 0);
    private final List<Admission.Rejected> refusals = new ArrayList<>();

    private Admission ask() {
        return dispatcher.admit(
                new Waiter() {
                    @Override
                    public void granted(Lease lease) {
                        throw new IllegalStateException("there is no worker");
                    }

                    @Override
                    public void rejected(Admission.Rejected reason) {
                        refusals.add(reason);
                    }

                    @Override
                    public boolean bodyRepeatable() {
                        return true;
                    }

                    @Override
                    public int route() {
                        return 0;
                    }
                },
                0,
                0);
    }

    @Test
    void whileEitherKindMayComeRequestsWait() {
        ExpectedWorkers expected = new ExpectedWorkers(dispatcher, true, true);
        expected.ofStarted(false);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        expected.ofStarted(true);
        expected.ofAttached(false);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        expected.ofStarted(false);
        assertThat(refusals).containsExactly(Admission.Rejected.NO_WORKER, Admission.Rejected.NO_WORKER);
        assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
        expected.ofAttached(true);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void aKindThatThereIsNotHasNone() {
        ExpectedWorkers expected = new ExpectedWorkers(dispatcher, false, true);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        expected.ofAttached(false);
        assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
    }

    @Test
    void whatIsToldAtOnceByBothEndsRight() throws InterruptedException {
        ExpectedWorkers expected = new ExpectedWorkers(dispatcher, true, true);
        for (int i = 0; i < 200; i++) {
            expected.ofStarted(true);
            expected.ofAttached(true);
            Thread one = Thread.ofPlatform().start(() -> expected.ofStarted(false));
            Thread other = Thread.ofPlatform().start(() -> expected.ofAttached(false));
            one.join();
            other.join();
            assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
        }
    }
}
