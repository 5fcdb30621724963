package terpan.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;
import terpan.metrics.Metrics;

/** Groups are made and dropped while others go on. */
final class GroupsTest {
    private final Metrics metrics = new Metrics(1);
    private final Groups groups = new Groups(metrics);

    private static Settings.WorkerGroup settings(String name, String server) {
        Duration time = Duration.ofSeconds(1);
        return new Settings.WorkerGroup(
                name,
                new Settings.Server(server, Map.of()),
                new Settings.Workers(1, 1, time, time, time, Duration.ZERO, time, time, Optional.empty()),
                1,
                Settings.SocketMode.PRIVATE);
    }

    @Test
    void aGroupThatGoesLeavesTheOthersWhatTheyCount() {
        Group first = groups.open(settings("first", "builtin"));
        Group second = groups.open(settings("second", "waitress"));
        first.counters().loop(0).workerFailed(Reason.ANY);
        second.counters().loop(0).workerFailed(Reason.ANY);
        groups.close(first);
        assertThat(groups.all()).containsExactly(second);
        assertThat(groups.servers()).isEqualTo("waitress");
        assertThat(groups.get("second").counters().failed()).isEqualTo(1);
        assertThat(metrics.groups()).containsExactly(second.counters());
        assertThatThrownBy(() -> groups.get("first")).hasMessageContaining("no group first");
    }

    @Test
    void theNextOfANameCountsOnAndIsTheOneThatIsAskedFor() {
        Group old = groups.open(settings("web", "waitress"));
        old.counters().loop(0).workerFailed(Reason.ANY);
        Group next = groups.open(settings("web", "builtin"));
        assertThat(next.counters().failed()).isEqualTo(1);
        assertThat(groups.get("web")).isSameAs(next);
        groups.close(old);
        groups.close(old);
        assertThat(groups.get("web")).isSameAs(next);
        assertThat(metrics.groups()).containsExactly(next.counters());
        groups.close(next);
        assertThat(groups.all()).isEmpty();
        assertThat(metrics.groups()).isEmpty();
    }

    private enum Reason {
        ANY
    }
}
