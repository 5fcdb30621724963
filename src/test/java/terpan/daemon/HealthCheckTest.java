package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import terpan.admin.Health;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.PretendWaiter;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;

/** Health is the truth about serving. */
final class HealthCheckTest {
    private static final Duration WAIT = Duration.ofMillis(20);

    private final Dispatcher dispatcher = new Dispatcher(
            new Settings.Dispatch(
                    Settings.Choice.LEAST_LOADED,
                    Settings.Sticky.ADDRESS,
                    0,
                    Duration.ofSeconds(30),
                    32,
                    Duration.ofMillis(1)),
            bound -> 0);
    private final Executor turns = Runnable::run;
    private final List<Runnable> undone = new ArrayList<>();
    private final Executor stands = undone::add;

    @BeforeEach
    void oneWorkerIsReady() {
        Slot slot = dispatcher.add(new SlotSpec("w1", 1, 1, false));
        dispatcher.ready(slot, System.nanoTime());
    }

    @Test
    void everythingIsWell() {
        assertThat(check(turns, turns).health()).isEqualTo(new Health.Serving());
        assertThat(new HealthCheck(dispatcher, List.of(turns), Optional.empty(), () -> "", WAIT).health())
                .as("with attached workers alone")
                .isEqualTo(new Health.Serving());
    }

    @Test
    void aLoopThatDoesNotTurnServesNobodyAndIsAskedNoMoreThanOnce() {
        HealthCheck check = check(stands, turns);
        Health.NotServing expected = new Health.NotServing("event loop 1 does not turn");
        assertThat(check.health()).isEqualTo(expected);
        assertThat(check.health()).isEqualTo(expected);
        assertThat(undone).hasSize(1);
        undone.removeFirst().run();
        assertThat(undone).isEmpty();
    }

    @Test
    void aSupervisorThatDoesNotAnswerReplacesNobody() {
        assertThat(check(turns, stands).health())
                .isEqualTo(new Health.NotServing("the supervisor of the workers does not answer"));
    }

    @Test
    void aPlaceThatIsLostIsNoPlace() {
        Lease lease = (Lease) dispatcher.admit(new PretendWaiter(), System.nanoTime(), 0);
        assertThat(check(turns, turns).health()).as("at work").isEqualTo(new Health.Serving());
        lease.giveUp(System.nanoTime());
        assertThat(check(turns, turns).health())
                .isEqualTo(new Health.NotServing("every place of a worker is held by a request that was given up"));
    }

    private HealthCheck check(Executor secondLoop, Executor supervisor) {
        return new HealthCheck(dispatcher, List.of(turns, secondLoop), Optional.of(supervisor), () -> "", WAIT);
    }
}
