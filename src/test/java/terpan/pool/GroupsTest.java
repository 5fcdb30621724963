package terpan.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import terpan.config.Settings;
import terpan.metrics.Metrics;

/** Groups are made and dropped while others go on. */
final class GroupsTest {
    private final Metrics metrics = new Metrics(1);
    private final Groups groups = new Groups(metrics);

    private Group open(int generation, String name, String server) {
        Duration time = Duration.ofSeconds(1);
        groups.open(
                generation,
                List.of(new Settings.WorkerGroup(
                        name,
                        new Settings.Server(server, Map.of()),
                        new Settings.Workers(
                                1,
                                1,
                                time,
                                time,
                                time,
                                Duration.ZERO,
                                time,
                                time,
                                Optional.empty(),
                                false,
                                Settings.Recycling.NEVER,
                                Optional.empty()),
                        1,
                        Settings.SocketMode.PRIVATE)));
        return groups.get(generation, name);
    }

    @Test
    void aGroupThatGoesLeavesTheOthersWhatTheyCount() {
        Group first = open(1, "first", "builtin");
        Group second = open(2, "second", "waitress");
        first.counters().loop(0).workerFailed(Reason.ANY);
        second.counters().loop(0).workerFailed(Reason.ANY);
        groups.close(1);
        assertThat(groups.all()).containsExactly(second);
        assertThat(groups.servers()).isEqualTo("waitress");
        assertThat(groups.get("second").counters().failed()).isEqualTo(1);
        assertThat(metrics.groups()).containsExactly(second.counters());
        assertThatThrownBy(() -> groups.get("first")).hasMessageContaining("no group first");
    }

    @Test
    void theNextOfANameCountsOnAndIsTheOneThatIsAskedFor() {
        Group old = open(1, "web", "waitress");
        old.counters().loop(0).workerFailed(Reason.ANY);
        Group next = open(2, "web", "builtin");
        assertThat(next.counters().failed()).isEqualTo(1);
        assertThat(groups.get("web")).isSameAs(next);
        assertThat(groups.get(1, "web")).isSameAs(old);
        assertThat(groups.all()).containsExactly(next);
        groups.close(1);
        groups.close(1);
        assertThat(groups.get("web")).isSameAs(next);
        assertThat(metrics.groups()).containsExactly(next.counters());
        groups.close(2);
        assertThat(groups.all()).isEmpty();
        assertThat(metrics.groups()).isEmpty();
    }

    private enum Reason {
        ANY
    }
}
