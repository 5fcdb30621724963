package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One group of workers, or several. */
final class GroupsTest {
    private static final String TWO = """
            [[workers]]
            server = "bjoern"
            count = 2
            weight = 3

            [[workers]]
            name = "old"
            server = "waitress"
            socket = "shared"
            threads = 8
            drain-timeout = "1m"

            [workers.options]
            ident = "shop"
            """;

    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory);
    }

    @Test
    void withoutTablesThereIsOneGroupThatIsCalledLikeItsServer() {
        assertThat(loading.flag(Declarations.SERVER_NAME, "waitress").settings().groups())
                .singleElement()
                .satisfies(group -> {
                    assertThat(group.name()).isEqualTo("waitress");
                    assertThat(group.server().name()).isEqualTo("waitress");
                    assertThat(group.workers().count()).isEqualTo(8);
                    assertThat(group.weight()).isEqualTo(1);
                    assertThat(group.socket()).isEqualTo(Settings.SocketMode.PRIVATE);
                });
    }

    @Test
    void eachTableIsAGroup() throws IOException {
        List<Settings.WorkerGroup> groups = loading.toml(TWO).settings().groups();
        assertThat(groups).extracting(Settings.WorkerGroup::name).containsExactly("bjoern", "old");
        Settings.WorkerGroup bjoern = groups.getFirst();
        assertThat(bjoern.workers().count()).isEqualTo(2);
        assertThat(bjoern.weight()).isEqualTo(3);
        Settings.WorkerGroup old = groups.getLast();
        assertThat(old.server()).isEqualTo(new Settings.Server("waitress", Map.of("ident", "shop")));
        assertThat(old.socket()).isEqualTo(Settings.SocketMode.SHARED);
        assertThat(old.workers().threads()).isEqualTo(8);
        assertThat(old.workers().drainTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(old.workers().count()).as("its share of the processors").isEqualTo(4);
    }

    @Test
    void flagsAndVariablesSetTheOnlyTable() throws IOException {
        loading.toml("[[workers]]\nserver = \"waitress\"\ncount = 2\nthreads = 2\n")
                .flag(WorkerDeclarations.COUNT, "5")
                .variable("TERPAN_SOCKET", "tcp")
                .variable("WEB_CONCURRENCY", "7");
        Settings.WorkerGroup group = loading.settings().groups().getFirst();
        assertThat(group.workers().count()).isEqualTo(5);
        assertThat(group.workers().threads()).isEqualTo(2);
        assertThat(group.socket()).isEqualTo(Settings.SocketMode.TCP);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"2..8|2|8", " 2 .. 8 |2|8", "1..1024|1|1024"})
    void aRangeBeginsWithItsSmallerNumber(String range, int least, int most) throws IOException {
        loading.toml("[workers]\ncount = \"" + range + "\"\nscale-down-after = \"5s\"\n");
        Settings.WorkerGroup group = loading.settings().groups().getFirst();
        assertThat(group.workers().count()).isEqualTo(least);
        assertThat(group.workers().most()).isEqualTo(most);
        assertThat(group.workers().scaling()).contains(new Settings.Scaling(least, most, Duration.ofSeconds(5)));
        assertThat(group.beginningWith(most + 1).workers().count()).isEqualTo(most);
        assertThat(Settings.mostWorkers(loading.settings().groups())).isEqualTo(most);
    }

    @Test
    void aNumberIsNoRangeHoweverItIsWritten() throws IOException {
        for (String count : List.of("3", "\"3\"", "\"3..3\"")) {
            Settings.Workers workers = loading.toml("[workers]\ncount = " + count + "\n")
                    .settings()
                    .groups()
                    .getFirst()
                    .workers();
            assertThat(workers.count()).isEqualTo(3);
            assertThat(workers.scaling()).isEmpty();
        }
    }

    @Test
    void flagsAndVariablesMayBeRangesToo() throws IOException {
        assertThat(loading.variable("TERPAN_WORKERS", "2..4")
                        .settings()
                        .groups()
                        .getFirst()
                        .workers()
                        .scaling())
                .contains(new Settings.Scaling(2, 4, Duration.ofMinutes(1)));
        assertThat(loading.flag(WorkerDeclarations.COUNT, "3..5")
                        .settings()
                        .groups()
                        .getFirst()
                        .workers()
                        .most())
                .isEqualTo(5);
    }

    @Test
    void whereAllWorkersAreSomeoneElsesThereIsNoRange() {
        assertThat(loading.without(Declarations.NAME_OF_APPLICATION)
                        .flag(Declarations.ATTACH, "127.0.0.1:9")
                        .flag(WorkerDeclarations.COUNT, "2..8")
                        .problems())
                .containsExactly("--workers: workers.count is a range, but all workers are run by someone else,"
                        + " who alone can start more of them; leave it out");
    }

    @Test
    void withSeveralTablesFlagsAndVariablesForWorkersAreRefused() throws IOException {
        assertThat(loading.toml(TWO)
                        .flag(WorkerDeclarations.COUNT, "5")
                        .variable("TERPAN_SERVER", "gunicorn")
                        .problems())
                .containsExactlyInAnyOrder(
                        "--workers: it can not be told which of the 2 groups of workers is meant; set workers.count in the table [[workers]]",
                        "TERPAN_SERVER: it can not be told which of the 2 groups of workers is meant; set workers.server in the table [[workers]]");
    }

    @Test
    void thePlatformsCountOfWorkersIsLeftOutWithAWarning() throws IOException {
        Loaded.Ready ready = loading.toml(TWO).variable("WEB_CONCURRENCY", "7").ready();
        assertThat(ready.settings().groups().getFirst().workers().count()).isEqualTo(2);
        assertThat(ready.warnings()).singleElement().asString().contains("WEB_CONCURRENCY was left out");
    }

    @Test
    void groupsOfTheSameServerGetNamesThatDiffer() throws IOException {
        String table = "[[workers]]\nserver = \"waitress\"\n";
        assertThat(loading.toml(table + table + "[[workers]]\nname = \"waitress2\"\n" + table)
                        .settings()
                        .groups())
                .extracting(Settings.WorkerGroup::name)
                .containsExactly("waitress", "waitress3", "waitress2", "waitress4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[[workers]]#cuont = 4|terpan.toml:2:1: workers.cuont is no known setting; did you mean workers.count?",
                "[[workers]]#count = 2#[[workers]]#servr = \"waitress\"|terpan.toml:4:1: workers.servr is no known setting; did you mean workers.server?",
                "[[workers]]#count = 0|terpan.toml:2:1: workers.count is 0, expected a whole number from 1 to 1,024, or a range such as \"2..8\"",
                "[[workers]]#count = \"8..2\"|workers.count is \"8..2\", expected a whole number from 1 to 1,024, or a range such as \"2..8\"",
                "[[workers]]#count = \"0..2\"|workers.count is \"0..2\", expected a whole number",
                "[[workers]]#count = \"2..\"|workers.count is \"2..\", expected a whole number",
                "[[workers]]#count = \"2..4..8\"|workers.count is \"2..4..8\", expected a whole number",
                "[[workers]]#count = \"2-8\"|workers.count is \"2-8\", expected a whole number",
                "[[workers]]#count = [2, 8]|workers.count is a list, expected a whole number from 1 to 1,024, or a range",
                "[[workers]]#count = 2#scale-down-after = \"1m\"|workers.scale-down-after says nothing where workers.count is no range",
                "[[workers]]#count = \"2..600\"#[[workers]]#count = \"2..600\"|all groups have 1200 workers, expected at most 1,024",
                "[[workers]]#count = 1#[[workers]]#weight = 101|terpan.toml:4:1: workers.weight is 101, expected a whole number from 1 to 100",
                "[[workers]]#socket = \"privat\"|did you mean \"private\"?",
                "[[workers]]#options = [1]|terpan.toml:2:1: workers.options is a list, expected the table [workers.options]",
                "[[workers]]#name = \"a\"#[[workers]]#name = \"a\"|terpan.toml:4:1: workers.name is \"a\", which another group has already",
                "[[workers]]#name = \"attached\"|terpan.toml:2:1: workers.name is \"attached\", which stands for workers that someone else runs",
                "[[workers]]#name = \"A b\"|terpan.toml:2:1: workers.name is \"A b\", expected small letters",
                "[[workers]]#count = 600#[[workers]]#count = 600|terpan.toml:3:1: all groups have 1200 workers, expected at most 1,024",
                "[[workers]]#backoff-first = \"1m\"#[[workers]]#count = 1|terpan.toml:2:1: workers.backoff-first is 1m, expected at most",
                "[server]#name = \"waitress\"#[[workers]]#count = 1|terpan.toml:2:1: the table [server] stands beside [[workers]], expected server in each",
                "[workers]#socket = \"shared\"#readiness-path = \"/up\"|terpan.toml:3:1: workers.readiness-path can not be asked of one worker",
                "[dispatch]#choice = \"round-robin\"#[[workers]]#weight = 2|terpan.toml:4:1: workers.weight is 2, but dispatch.choice knows no weights",
                "attach = [\"unix:/a,weight=2\", \"unix:/b\"]|terpan.toml:1:1: attach has the weights 2 and 1 in the group attached",
                "attach = [\"unix:/a\", \"unix:/a,capacity=2\"]|terpan.toml:1:1: attach names unix:/a twice",
                "attach = [\"unix:/a,weight=2\"]#[dispatch]#choice = \"sticky\"|terpan.toml:1:1: attach has weight=2, but dispatch.choice",
                "attach = [\"unix:/a,weight=0\"]|expected capacity=NUMBER from 1 to 65,535, weight=NUMBER from 1 to 100, group=NAME, check-path=PATH such as /healthz or check-every=TIME",
                "attach = [\"unix:/a,check-every=1s\"]|it has check-every, but nothing to ask for",
                "[dispatch]#sticky = \"cookie\"|terpan.toml:2:1: dispatch.sticky is set, but dispatch.choice is not sticky",
                "[dispatch]#choice = \"sticky\"#[server]#name = \"waitress\"#[workers]#socket = \"shared\"|terpan.toml:2:1: dispatch.choice is sticky, but where workers share a socket",
                "workers = [1]|terpan.toml:1:1: workers is a list, expected the table [workers], or a table [[workers]] for each group",
                "[server]#name = \"waitres\"|terpan.toml:2:1: server 'waitres' is unknown: expected one of",
                "[server]#name = \"waitress\"#[server.options]#ident = \"a\"#bind = \"x\"|terpan.toml:5:1: server option 'bind' is refused",
                "[workers]#threads = 2#[server]#name = \"gevent\"|terpan.toml:2:1: workers.threads is 2: a worker of gevent has one",
                "[workers]#socket = \"shared\"|terpan.toml:2:1: workers.socket is \"shared\", but each built-in worker",
                "[[workers]]#count = 1#[[workers]]#server = \"waitress\"#[workers.options]#thread = 1|terpan.toml:6:1: server option 'thread' is unknown for waitress",
                "[application]#interface = \"asgi\"#[server]#name = \"waitress\"|terpan.toml:4:1: server 'waitress' does not run ASGI",
                "[application]#interface = \"asgi\"#[workers]#count = 1|terpan.toml:2:1: server 'builtin' does not run ASGI",
                "[server]#name = \"Waitres\"|terpan.toml:2:1: server 'Waitres' is unknown",
                "[server]#name = 5#[server.options]#ident = \"a\"#[workers]#socket = \"shared\"|terpan.toml:2:1: server.name is",
                "[server]#name = \"a server\"#[server.options]#ident = \"a\"#[workers]#socket = \"shared\"|terpan.toml:2:1: server.name is",
                "[workers]#server = \"waitress\"|workers.server is no known setting; did you mean server.name?"
            })
    void eachMistakeIsNamed(String toml, String expected) throws IOException {
        assertThat(loading.toml(toml.replace('#', '\n') + "\n").problems())
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:").contains(expected));
    }

    @Test
    void tooManyGroupsAreRefused() throws IOException {
        assertThat(loading.toml("[[workers]]\ncount = 1\n".repeat(33)).problems())
                .containsExactly("terpan.toml:65:1: there are 33 groups of workers, expected at most 32");
    }
}
