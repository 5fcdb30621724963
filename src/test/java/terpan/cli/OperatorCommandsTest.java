package terpan.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import terpan.admin.AdminServer;
import terpan.admin.CommandResult;
import terpan.admin.OperationSnapshot;
import terpan.config.FakeHost;
import terpan.config.Problem;
import terpan.daemon.ExitCode;
import terpan.metrics.MetricsFormat;
import terpan.picture.Picture;

/** Commands to a running Terpan, from the arguments to the operators' listener and back. */
@Timeout(30)
final class OperatorCommandsTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path directory = Path.of("/tmp");

    @BeforeEach
    void begin() throws IOException {
        // Under a short name, for the path of a socket is bounded.
        directory = Files.createTempDirectory("to");
    }

    @AfterEach
    void end() throws IOException {
        Files.delete(directory);
    }

    @Test
    void aCommandThatIsTakenPrintsTheAnswer() throws IOException {
        try (AdminServer server = serve()) {
            assertThat(run("restart", "w1")).isEqualTo(ExitCode.OK.code());
            assertThat(server).isNotNull();
        }
        assertThat(out.toString(UTF_8)).isEqualTo("Restarting w1.\n");
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void aCommandThatIsRefusedSaysWhyAndHasItsExitCode() throws IOException {
        try (AdminServer server = serve()) {
            assertThat(run("restart", "w9")).isEqualTo(ExitCode.REFUSED.code());
            assertThat(server).isNotNull();
        }
        assertThat(err.toString(UTF_8)).isEqualTo("terpan: There is no worker w9.\n");
    }

    @Test
    void aRestartThatFailsPrintsItsStepsAndWhy() throws IOException {
        try (AdminServer server = serve()) {
            assertThat(run("restart", "--all")).isEqualTo(ExitCode.UNFINISHED.code());
            assertThat(run("restart", "--timeout=0")).isEqualTo(ExitCode.USAGE.code());
            assertThat(server).isNotNull();
        }
        assertThat(out.toString(UTF_8)).isEqualTo("Restarting w1.\nw1: a step\n");
        assertThat(err.toString(UTF_8)).startsWith("terpan: the traceback\n");
    }

    @Test
    void aListenerThatIsGoneIsNoRunningTerpan() {
        assertThat(run("stop")).isEqualTo(ExitCode.NOT_RUNNING.code());
        assertThat(err.toString(UTF_8)).contains("no Terpan answers at " + directory);
    }

    private int run(String... command) {
        List<String> arguments = List.of(command[0], "--run-directory=" + directory, command[command.length - 1]);
        Surroundings surroundings = new Surroundings(
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                Map.of(),
                directory,
                new FakeHost(false));
        return new TerpanCommand(surroundings, new SystemActions())
                .run(command.length == 1 ? arguments.subList(0, 2) : arguments);
    }

    private AdminServer serve() throws IOException {
        return AdminServer.start(directory.resolve(AdminServer.SOCKET_NAME), new OneWorker(), AdminServer.DEADLINE);
    }

    /** A Terpan that knows one worker, w1. */
    private static final class OneWorker implements RefusingOperations {
        @Override
        public Picture status() {
            throw new IllegalStateException("not asked for here");
        }

        @Override
        public CommandResult restart(String worker) {
            return worker.equals("w1")
                    ? new CommandResult.Accepted("Restarting w1.")
                    : new CommandResult.NotFound("There is no worker " + worker + ".");
        }

        @Override
        public CommandResult restartAll(String application) {
            return new CommandResult.Accepted("Restarting w1.", "1");
        }

        @Override
        public CommandResult reload(String application, boolean inPlace) {
            return new CommandResult.Mistaken("terpan.toml:1:1: nonsense", Problem.Kind.SETTING);
        }

        @Override
        public CommandResult rollback(String application) {
            return new CommandResult.Accepted("Leading back.", "1");
        }

        @Override
        public Optional<OperationSnapshot> operation(String id) {
            return Optional.of(new OperationSnapshot(id, "failed", List.of("w1: a step"), "the traceback"));
        }

        @Override
        public CommandResult stop() {
            return new CommandResult.Refused("It is stopping already.");
        }

        @Override
        public void writeMetrics(OutputStream stream, MetricsFormat format) {
            throw new IllegalStateException("not asked for here");
        }
    }
}
