package terpan.daemon;

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
final class HopeTest {
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
        Hope hope = new Hope(dispatcher, true, true);
        hope.ofStarted(false);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        hope.ofStarted(true);
        hope.ofAttached(false);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        hope.ofStarted(false);
        assertThat(refusals).containsExactly(Admission.Rejected.NO_WORKER, Admission.Rejected.NO_WORKER);
        assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
        hope.ofAttached(true);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
    }

    @Test
    void aKindThatThereIsNotHasNone() {
        Hope hope = new Hope(dispatcher, false, true);
        assertThat(ask()).isEqualTo(Admission.Queued.QUEUED);
        hope.ofAttached(false);
        assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
    }

    @Test
    void whatIsToldAtOnceByBothEndsRight() throws InterruptedException {
        Hope hope = new Hope(dispatcher, true, true);
        for (int i = 0; i < 200; i++) {
            hope.ofStarted(true);
            hope.ofAttached(true);
            Thread one = Thread.ofPlatform().start(() -> hope.ofStarted(false));
            Thread other = Thread.ofPlatform().start(() -> hope.ofAttached(false));
            one.join();
            other.join();
            assertThat(ask()).isEqualTo(Admission.Rejected.NO_WORKER);
        }
    }
}
