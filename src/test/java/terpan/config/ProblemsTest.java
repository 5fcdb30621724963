package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads when something is wrong. */
final class ProblemsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory);
    }

    @Test
    void aFileWithFiveMistakesGivesFiveProblemsWithLineAndColumnInOneGo() throws IOException {
        assertThat(loading.toml("""
                        bind = ["127.0.0.1:8000", "nowhere"]

                        [workers]
                        cuont = 4
                        threads = "eight"
                          drain-timeout = "30"

                        [dispatch]
                        queue-size = -1
                        """).problems())
                .containsExactly(
                        "terpan.toml:1:27: bind is \"nowhere\", expected HOST:PORT, :PORT, PORT, [IPv6]:PORT or unix:PATH",
                        "terpan.toml:4:1: workers.cuont is no known setting; did you mean workers.count?",
                        "terpan.toml:5:1: workers.threads is the string \"eight\", expected a whole number from 0 to 1,024",
                        "terpan.toml:6:3: workers.drain-timeout is \"30\", it has no unit, expected a time with a unit (us, ms, s, m, h, d), such as \"30s\"; did you mean \"30s\"?",
                        "terpan.toml:9:1: dispatch.queue-size is -1, expected a whole number from 0 to 1,000,000");
    }

    @Test
    void mistakesInAProjectsTableAreToldWithItsLinesAndItsNames() throws IOException {
        assertThat(loading.project("""
                        [project]
                        name = "shop"

                        [tool.terpan.workers]
                        cuont = 4
                        count = 0

                        [tool.terpan.wrokers]
                        threads = 4
                        """).problems())
                .containsExactly(
                        "pyproject.toml:5:1: workers.cuont is no known setting; did you mean workers.count?",
                        "pyproject.toml:6:1: workers.count is 0, expected a whole number from 1 to 1,024, or a range such as \"2..8\"",
                        "pyproject.toml:8:1: [tool.terpan.wrokers] is no known table; did you mean [tool.terpan.workers]?");
        assertThat(loading.project("[tool]\nterpan = 5\n").problems())
                .containsExactly("pyproject.toml:2:1: tool.terpan is the number 5, expected the table [tool.terpan]");
    }

    @Test
    void whatIsNoTomlIsReportedTogetherWithTheRest() throws IOException {
        assertThat(loading.toml("[workers]\ncount = 0\nthreads = = 4\n[log]\nlevel = \"loud\"\n")
                        .problems())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:2:1: workers.count is 0"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("terpan.toml:3:").contains("this is no TOML"))
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:5:1: log.level is \"loud\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[worker]#count = 4|terpan.toml:1:1: [worker] is no known table; did you mean [workers]?",
                "[push]#on = true|[push] is no known table; known are application, server",
                "workers = 4|terpan.toml:1:1: workers is the number 4, expected the table [workers]; did you mean workers.count?",
                "[[log]]#level = \"info\"|[[log]] is a list of tables, expected one table [log]",
                "bind = \"127.0.0.1:80\"|bind is the string \"127.0.0.1:80\", expected a list of strings; did you mean [\"127.0.0.1:80\"]?",
                "bind = []|bind is an empty list, expected at least one address",
                "bind = [8000]|terpan.toml:1:9: bind is the number 8000, expected a string",
                "queue-size = 4|queue-size is no known setting; did you mean dispatch.queue-size?",
                "[server]#workers = 4|server.workers is no known setting; did you mean workers.count?",
                "[http]#max-body = 5|terpan.toml:2:1: http.max-body is 5, it has no unit",
                "[http]#max-body = \"17TiB\"|expected a size from 0B to 16TiB",
                "[http]#max-body = true|http.max-body is true, expected a string",
                "[http]#abort-on-half-close = \"yes\"|expected true or false",
                "[application]#env = [\"A=1\"]|application.env is a list, expected the table [application.env]",
                "[application.env]#A = [1]|application.env.A is a list, expected a string",
                "[application.env]#\"1A\" = \"x\"|terpan.toml:2:1: application.env has the name \"1A\"",
                "[application]#prefix = \"shop/\"|expected a path such as /shop",
                "[dispatch]#choice = \"least-load\"|did you mean \"least-loaded\"?",
                "[log]#file = \"none/terpan.log\"|/none is no directory",
                "[spool]#directory = \"none\"|which is no directory",
                "[http]#trusted-proxies = [\"10.0.0.0/33\"]|expected an IP address, a network",
                "[workers]#backoff-first = \"1m\"|workers.backoff-first is 1m, expected at most workers.backoff-most, which is 30s",
                "[http]#max-head = \"4KiB\"|http.max-target is 8000B, expected at most http.max-head, which is 4KiB",
                "[spool]#most = \"1KiB\"|expected 0, or at least spool.memory, which is 64KiB",
                "bind = [\"127.0.0.1:1\", \"127.0.0.1:1\"]|bind names 127.0.0.1:1 twice",
                "bind = [\"unix:/run/a,group=none\"]|there is no group of that name",
                "[application]#chdir = \"none\"|which is no directory",
                "[application]#env-file = \"none\"|application.env-file can not be read"
            })
    void eachMistakeOfTheFileIsNamed(String toml, String expected) throws IOException {
        assertThat(loading.toml(toml.replace('#', '\n') + "\n").problems())
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:").contains(expected));
    }

    @Test
    void flagsAndVariablesAreNamedAsTheyAreWritten() {
        assertThat(loading.flag(WorkerDeclarations.COUNT, "many")
                        .flag(Declarations.ENV, "A")
                        .flag(Declarations.SERVER_NAME, "gunicor")
                        .variable("TERPAN_QUEUE_WAIT", "5")
                        .variable("PORT", "http")
                        .problems())
                .hasSize(5)
                .anySatisfy(
                        line -> assertThat(line)
                                .isEqualTo(
                                        "--workers: workers.count is \"many\", expected a whole number from 1 to 1,024, or a range such as \"2..8\""))
                .anySatisfy(line -> assertThat(line).startsWith("--env: application.env is \"A\", expected NAME=VALUE"))
                .anySatisfy(line -> assertThat(line).startsWith("TERPAN_QUEUE_WAIT: dispatch.queue-wait is \"5\""))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("--server: server 'gunicor' is unknown")
                        .endsWith("did you mean 'gunicorn'?"))
                .anySatisfy(line -> assertThat(line).startsWith("PORT: PORT is \"http\", expected a port"));
    }

    @Test
    void whereAllWorkersAreSomeoneElsesNoServerIsAskedAbout() {
        loading.without(Declarations.NAME_OF_APPLICATION)
                .flag(Declarations.SERVER_NAME, "bjoern")
                .flag(WorkerDeclarations.THREADS, "3")
                .flag(Declarations.INTERFACE, "asgi");
        assertThat(loading.problems()).anyMatch(line -> line.startsWith("--threads: workers.threads is 3"));
        assertThat(loading.flag(Declarations.ATTACH, "127.0.0.1:9").problems()).isEmpty();
    }

    @Test
    void aServersOptionIsNamedWhereItIsGiven() {
        assertThat(loading.flag(Declarations.SERVER_NAME, "waitress")
                        .flag(Declarations.SERVER_OPTIONS, "ident=shop", "listen=*:80")
                        .flag(WorkerDeclarations.COUNT, "many")
                        .problems())
                .hasSize(2)
                .anySatisfy(line ->
                        assertThat(line).startsWith("--server-option: server option 'listen' is refused for waitress"));
    }

    @Test
    void aMistakeInTheFileIsOneEvenIfAFlagOverridesIt() throws IOException {
        assertThat(loading.toml("[workers]\ncount = 0\n")
                        .flag(WorkerDeclarations.COUNT, "2")
                        .problems())
                .singleElement()
                .asString()
                .startsWith("terpan.toml:2:1:");
    }

    @Test
    void withoutApplicationAndAttachedWorkerThereIsNothingToServe() {
        assertThat(loading.without(Declarations.NAME_OF_APPLICATION).problems())
                .singleElement()
                .asString()
                .contains("there is nothing to serve")
                .contains("--attach");
    }

    @Test
    void onlyRootMayBecomeAnotherUser() throws IOException {
        loading.flag(Declarations.USER, "app").flag(Declarations.GROUP, "nobody");
        assertThat(loading.problems())
                .containsExactly(
                        "--user: application.user is \"app\", but only root may change to it; start Terpan as root or leave it out",
                        "--group: application.group is \"nobody\", but only root may change to it; start Terpan as root or leave it out");
        assertThat(loading.asRoot().problems())
                .containsExactly("--group: application.group is \"nobody\", but there is no group of that name");
    }

    @Test
    void aMissingApplicationAndAMissingInterpreterAreKindsOfTheirOwn() throws IOException {
        assertThat(loading.flag(Declarations.NAME_OF_APPLICATION, "none.py").load())
                .isInstanceOfSatisfying(
                        Loaded.Faulty.class,
                        faulty -> assertThat(faulty.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.kind()).isEqualTo(Problem.Kind.APPLICATION);
                            assertThat(problem.toString()).startsWith("APP: the application was not found");
                        }));
        assertThat(loading.flag(Declarations.NAME_OF_APPLICATION, "app.py")
                        .flag(Declarations.PYTHON, "/none/python3")
                        .load())
                .isInstanceOfSatisfying(
                        Loaded.Faulty.class,
                        faulty -> assertThat(faulty.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.kind()).isEqualTo(Problem.Kind.INTERPRETER);
                            assertThat(problem.toString()).startsWith("--python: the Python interpreter");
                        }));
    }

    @Test
    void aSettingsFileThatWasAskedForHasToExist() {
        assertThat(loading.config(Path.of("none.toml")).problems())
                .singleElement()
                .asString()
                .startsWith("--config: the settings file " + directory + "/none.toml does not exist");
    }

    @Test
    void aBadLineOfTheEnvironmentFileIsNamedButNotShown() throws IOException {
        Files.writeString(directory.resolve("shop.env"), "A=1\nsecret\n2B=3\n");
        assertThat(loading.flag(Declarations.ENV_FILE, "shop.env").problems())
                .containsExactly(
                        directory + "/shop.env:2:1: this line is no variable, expected NAME=VALUE",
                        directory + "/shop.env:3:1: this line is no variable, expected NAME=VALUE");
    }

    @Test
    void aRunDirectoryWithoutRoomForTheSocketsIsRefused() {
        assertThat(loading.flag(Declarations.RUN_DIRECTORY, "/tmp/" + "x".repeat(100))
                        .problems())
                .singleElement()
                .asString()
                .contains("has 105 bytes, expected at most 80");
    }
}
