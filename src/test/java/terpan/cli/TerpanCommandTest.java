package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.Declarations;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;

final class TerpanCommandTest {
    private static final int HELP_LINES = 60;

    @TempDir
    private Path directory;

    private CommandRun command;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(directory.resolve("app.py"), "");
        Files.createDirectories(directory.resolve(".venv/bin"));
        Files.writeString(directory.resolve(".venv/bin/python"), "");
        assertThat(directory.resolve(".venv/bin/python").toFile().setExecutable(true))
                .isTrue();
        command = new CommandRun(directory, Map.of());
    }

    @Test
    void serveHandsTheSettingsOfItsFlagsOn() {
        int code = command.run(
                "serve",
                "--workers",
                "3",
                "--bind=127.0.0.1:0",
                "--bind",
                "unix:/run/a.sock",
                "--access-log",
                "--env",
                "A=1",
                "--env=B=2=3",
                "--no-development",
                "--max-body",
                "2MiB",
                "--install",
                "app.py:shop");
        assertThat(command.err()).isEmpty();
        assertThat(code).isEqualTo(ExitCode.OK.code());
        assertThat(command.options().install()).isTrue();
        assertThat(command.served().groups().getFirst().workers().count()).isEqualTo(3);
        assertThat(command.served().bind()).hasSize(2);
        assertThat(command.served().log().access()).isTrue();
        assertThat(command.served().http().bodyMost()).isEqualTo(2L << 20);
        assertThat(command.served().application()).hasValueSatisfying(application -> {
            assertThat(application.environment()).containsOnly(Map.entry("A", "1"), Map.entry("B", "2=3"));
            assertThat(application.development()).isFalse();
            assertThat(application.target().callable()).contains("shop");
        });
    }

    @Test
    void withoutTheFlagNothingIsInstalled() {
        command.run("serve", "app.py");
        assertThat(command.options().install()).isFalse();
    }

    @Test
    void aSwitchCanTurnOffWhatTheFileTurnsOn() throws IOException {
        Files.writeString(directory.resolve("terpan.toml"), "[log]\naccess = true\n");
        command.run("serve", "app.py");
        assertThat(command.served().log().access()).isTrue();
        command.run("serve", "--no-access-log", "app.py");
        assertThat(command.served().log().access()).isFalse();
    }

    @Test
    void theSettingsFileIsTheOneThatWasNamed() throws IOException {
        Files.writeString(directory.resolve("other.toml"), "[workers]\ncount = 5\n");
        assertThat(command.run("serve", "--config", "other.toml", "app.py")).isZero();
        assertThat(command.served().groups().getFirst().workers().count()).isEqualTo(5);
    }

    @Test
    void whichOneIsMeantIsKnownWhateverMistakesAnApplicationHas() throws IOException {
        Files.createDirectory(directory.resolve("sites"));
        Files.writeString(directory.resolve("sites/bad.toml"), "nonsense = 1\n");
        Files.writeString(directory.resolve("other.toml"), "include = [\"sites/*.toml\"]\n");
        assertThat(command.run("status", "--config", "other.toml")).isEqualTo(ExitCode.NOT_RUNNING.code());
        assertThat(command.run("check", "--config", "other.toml")).isEqualTo(ExitCode.CONFIGURATION.code());
    }

    @Test
    void aMistakeOnTheCommandLineIsUsageAndNamesTheNearest() {
        assertThat(command.run("serve", "--wokers", "4", "app.py")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err())
                .startsWith("terpan: unknown option --wokers; did you mean --workers?")
                .hasLineCount(2);
        assertThat(command.run("srve")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err())
                .startsWith("terpan: unknown command srve; did you mean serve?")
                .hasLineCount(2);
        assertThat(command.run("stop", "now")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).startsWith("terpan: unknown argument now");
        assertThat(command.run("serve", "--workers")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).contains("--workers").hasLineCount(2);
        assertThat(command.run("restart")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).contains("expected the name of one worker, or --all");
        assertThat(command.run("restart", "w1", "--all")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.run("restart", "--all", "--timeout", "0")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).contains("--timeout is \"0\", expected a whole number from 1 to 86400");
        assertThat(command.run("completion", "fish")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).contains("SHELL is \"fish\", expected bash or zsh");
    }

    @Test
    void withoutACommandTheHelpIsShownAsAMistake() {
        assertThat(command.run()).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).contains("Commands:");
        assertThat(command.out()).isEmpty();
    }

    @Test
    void wrongSettingsAreAllListedAndHaveOneExitCode() {
        assertThat(command.run("serve", "--workers", "0", "--queue-wait", "5", "none.py"))
                .isEqualTo(ExitCode.CONFIGURATION.code());
        assertThat(command.err().lines())
                .hasSize(4)
                .anySatisfy(line -> assertThat(line).startsWith("--workers: "))
                .anySatisfy(line -> assertThat(line).startsWith("--queue-wait: "))
                .anySatisfy(line -> assertThat(line).startsWith("APP: "))
                .last()
                .isEqualTo("terpan: 3 problems, see above");
    }

    @Test
    void theDoctorTellsWrongSettingsAsJsonToo() {
        assertThat(command.run("doctor", "--json", "--workers", "0", "--server", "unicorn", "app.py"))
                .isEqualTo(ExitCode.CONFIGURATION.code());
        assertThat(command.out())
                .startsWith("{\"problems\":2,")
                .contains("\"subject\":\"settings\",\"text\":\"--server: server 'unicorn' is unknown");
        assertThat(command.err().lines()).hasSize(3);
    }

    @Test
    void whatCanNotBeProbedIsNamedByItsArguments() {
        assertThat(command.run(
                        "probe",
                        "gevent",
                        "--threads",
                        "2",
                        "--server-option",
                        "bind=x",
                        "--python",
                        ".venv/bin/python"))
                .isEqualTo(ExitCode.CONFIGURATION.code());
        assertThat(command.out()).isEmpty();
        assertThat(command.err().lines())
                .satisfiesExactly(
                        option -> assertThat(option).startsWith("--server-option: server option 'bind' is refused"),
                        threads -> assertThat(threads).startsWith("--threads: workers.threads is 2"),
                        last -> assertThat(last).isEqualTo("terpan: 2 problems, see above"));
        command.run("probe", "unicorn", "--python", ".venv/bin/python");
        assertThat(command.err()).startsWith("SERVER: server 'unicorn' is unknown");
    }

    @Test
    void nothingToServeIsAConfigurationProblem() {
        assertThat(command.run("serve")).isEqualTo(ExitCode.CONFIGURATION.code());
        assertThat(command.err()).contains("there is nothing to serve").hasLineCount(1);
    }

    @Test
    void aMissingApplicationHasItsExitCode() {
        assertThat(command.run("serve", "none.py")).isEqualTo(ExitCode.APPLICATION.code());
        assertThat(command.err())
                .startsWith("APP: the application was not found")
                .hasLineCount(1);
    }

    @Test
    void aMissingInterpreterHasItsExitCode() {
        assertThat(command.run("check", "--python", "/none/python", "app.py")).isEqualTo(ExitCode.INTERPRETER.code());
        assertThat(command.err())
                .startsWith("--python: the Python interpreter \"/none/python\" was not found")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @EnumSource
    void aFailedStartIsOneLineWithItsExitCode(ExitCode reason) {
        CommandRun failing = new CommandRun(directory, Map.of(), () -> {
            throw new StartFailure(reason, "it can not start");
        });
        assertThat(failing.run("serve", "app.py")).isEqualTo(reason.code());
        assertThat(failing.err()).isEqualTo("terpan: it can not start\n");
    }

    @Test
    void onlyAFaultOfOursShowsAStackTrace() {
        CommandRun failing = new CommandRun(directory, Map.of(), () -> {
            throw new IllegalStateException("broken");
        });
        assertThat(failing.run("serve", "app.py")).isEqualTo(ExitCode.INTERNAL.code());
        assertThat(failing.err()).contains("please report it").contains("IllegalStateException: broken");
    }

    @Test
    void checkSaysThatAllIsWell() {
        assertThat(command.run("check", "app.py")).isZero();
        assertThat(command.out()).isEqualTo("The settings are right and the application imports.\n");
    }

    @Test
    void warningsStandBesideTheOutput() {
        CommandRun warned = new CommandRun(directory, Map.of("TERPAN_WORKER", "3"));
        assertThat(warned.run("check", "app.py")).isZero();
        assertThat(warned.err())
                .isEqualTo(
                        "terpan: warning: the variable TERPAN_WORKER is no setting and was left out; did you mean TERPAN_WORKERS?\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve --help-all", "serve -h --help-all", "help serve --help-all"})
    void theWholeHelpShowsEverySettingEveryExitCodeAndExamples(String line) {
        assertThat(command.run(line.split(" ", -1))).isZero();
        String help = command.out();
        assertThat(command.err()).isEmpty();
        assertThat(Declarations.all())
                .allSatisfy(setting -> assertThat(help)
                        .contains(setting.isSwitch() ? setting.flag().replace("--", "--[no-]") : setting.flag()));
        assertThat(ExitCode.values())
                .allSatisfy(code -> assertThat(help).containsPattern("(?m)^ +" + code.code() + " +[A-Z]"));
        assertThat(help).contains("Usage: terpan serve [OPTIONS] [APP]", "Workers:", "Examples:", "default: 30s");
    }

    @ParameterizedTest
    @EnumSource
    void theFirstHelpFitsOnAScreenAndSaysWhereTheRestIs(Command named) {
        assertThat(command.run(named.word(), "--help")).isZero();
        String help = command.out();
        assertThat(help.lines().count()).isLessThanOrEqualTo(HELP_LINES);
        assertThat(help).contains(named.text()).contains("Examples:").contains("--help-all");
        assertThat(command.run("help", named.word())).isZero();
        assertThat(command.out()).isEqualTo(help);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help"})
    void theHelpOfAllListsTheCommandsAndBeginsWithWhatPeopleUse(String line) {
        assertThat(command.run(line)).isZero();
        assertThat(command.err()).isEmpty();
        assertThat(command.out().lines().count()).isLessThanOrEqualTo(HELP_LINES);
        assertThat(command.out()).contains("terpan serve app.py", "terpan help serve");
        assertThat(Command.values())
                .allSatisfy(named -> assertThat(command.out()).contains("\n  " + named.word() + " "));
        assertThat(command.run("--help-all")).isZero();
        assertThat(command.out()).contains("Exit codes:");
    }

    @Test
    void theFirstHelpOfServeHasWhatPeopleLookFor() {
        command.run("serve", "-h");
        assertThat(command.out())
                .contains("-b, --bind=ADDRESS", "-w, --workers=N", "-c, --config=FILE", "--server=NAME", "--user=NAME")
                .doesNotContain("--backoff-most");
    }

    @Test
    void helpOfAnUnknownCommandNamesTheNearest() {
        assertThat(command.run("help", "srve")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err())
                .isEqualTo("terpan: unknown command srve; did you mean serve?\nTry 'terpan help help'.\n");
    }

    @ParameterizedTest
    @CsvSource({"--host, --bind HOST:PORT", "-p, --bind :PORT", "-k, --server", "--timeout, --answer-idle"})
    void whatOtherServersCallItIsToldByItsNameHere(String theirs, String ours) {
        assertThat(command.run("serve", theirs, "8000", "app.py")).isEqualTo(ExitCode.USAGE.code());
        assertThat(command.err()).startsWith("terpan: unknown option " + theirs + "; here that is " + ours);
    }

    @Test
    void shortFlagsAreReadByEveryCommandThatTakesTheSettings() throws IOException {
        Files.writeString(directory.resolve("other.toml"), "[log]\naccess = true\n");
        assertThat(command.run("serve", "-w", "3", "-b", "127.0.0.1:0", "-c", "other.toml", "app.py"))
                .isZero();
        assertThat(command.served().groups().getFirst().workers().count()).isEqualTo(3);
        assertThat(command.served().log().access()).isTrue();
        assertThat(command.run("check", "-w", "0", "app.py")).isEqualTo(ExitCode.CONFIGURATION.code());
        assertThat(command.err()).startsWith("--workers: ");
    }

    @Test
    void scaleTakesANumberOrAuto() {
        for (String wrong : List.of("0", "1025", "many")) {
            assertThat(command.run("scale", wrong)).isEqualTo(ExitCode.USAGE.code());
            assertThat(command.err())
                    .startsWith("terpan: COUNT is \"" + wrong + "\", expected a whole number from 1 to 1024, or auto");
        }
    }

    @Test
    void theVersionIsTold() {
        assertThat(command.run("version")).isZero();
        assertThat(command.out()).startsWith("terpan ").contains("Java ");
        assertThat(command.run("--version")).isZero();
        assertThat(command.out()).startsWith("terpan ");
        assertThat(command.run("version", "--verbose")).isZero();
        assertThat(command.out())
                .startsWith("terpan ")
                .contains("\nJava ", System.getProperty("java.home"), "\nstart-up cache ", "\nprogram ");
    }

    @Test
    void theCompletionKnowsCommandsAndFlags() {
        assertThat(command.run("completion", "bash")).isZero();
        assertThat(command.out()).contains("complete ").contains("--queue-size").contains("restart");
    }

    @Test
    void statusWithoutARunningTerpanSaysSo() {
        CommandRun elsewhere = new CommandRun(directory, Map.of("XDG_RUNTIME_DIR", directory.toString()));
        assertThat(elsewhere.run("status", "--run-directory", directory.toString()))
                .isEqualTo(ExitCode.NOT_RUNNING.code());
        assertThat(elsewhere.err()).startsWith("terpan: no Terpan answers at " + directory + "/operators");
    }
}
