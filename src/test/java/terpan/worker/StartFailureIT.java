package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why nothing can be started, as a person is told, with real interpreters and servers. */
@Timeout(60)
final class StartFailureIT {
    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    @Test
    void anApplicationThatRaisesAtImportFailsTheStartWithItsTraceback() throws Exception {
        rig.options.count = 2;
        StartFailure failure = rig.failureOf("import os\n\ndef broken():\n    return 1 / 0\n\nbroken()\n");
        assertThat(failure).isInstanceOfSatisfying(StartFailure.ImportFailed.class, it -> {
            assertThat(it.application()).isEqualTo("app");
            assertThat(it.text())
                    .startsWith("Traceback")
                    .contains("app.py\", line 4, in broken", "ZeroDivisionError: division by zero")
                    .doesNotContain("terpan_worker");
        });
    }

    @ParameterizedTest
    @CsvSource({"gunicorn, 1", "gunicorn, 4", "uwsgi, 2"})
    void anImportThatFailsInTheServersOwnChildFailsTheStartToo(String server, int threads) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        StartFailure failure = rig.failureOf("raise RuntimeError('no database')");
        assertThat(failure)
                .isInstanceOfSatisfying(
                        StartFailure.ImportFailed.class,
                        it -> assertThat(it.text()).contains("RuntimeError: no database"));
    }

    @Test
    void aModuleThatIsNotThereIsSaidInOneLine() throws Exception {
        rig.options.module = "nowhere";
        StartFailure failure = rig.failureOf(WorkerRig.HELLO);
        assertThat(failure.message())
                .contains("'nowhere' does not import", "no module 'nowhere'")
                .doesNotContain("Traceback");
    }

    @Test
    void aServerThatIsNotInstalledIsNamedWithItsCommand() throws Exception {
        Path bare = rig.applications().resolve("bare");
        // The test environment's base interpreter has no servers; -S keeps even the site's away.
        Files.writeString(bare, "#!/bin/sh\nexec " + TestPython.interpreter().toRealPath() + " -S \"$@\"\n");
        Files.setPosixFilePermissions(bare, PosixFilePermissions.fromString("rwxr-xr-x"));
        rig.options.python = bare.toString();
        StartFailure failure = rig.failureOf(WorkerRig.HELLO);
        assertThat(failure.message()).contains("the server 'waitress' can not be imported by", "pip install waitress");
    }

    @Test
    void aMissingInterpreterIsNamed() throws Exception {
        rig.options.python = "/nowhere/python3";
        StartFailure failure = rig.failureOf(WorkerRig.HELLO);
        assertThat(failure.message()).contains("'/nowhere/python3' can not be started", "--python");
    }

    @Test
    void whatIsNoPythonIsSaidSo() throws Exception {
        rig.options.python = "/bin/true";
        StartFailure failure = rig.failureOf(WorkerRig.HELLO);
        assertThat(failure).isInstanceOf(StartFailure.NotPython.class);
    }

    @Test
    void aStartThatTakesTooLongFails() throws Exception {
        rig.options.startTimeout = Duration.ofSeconds(1);
        StartFailure failure = rig.failureOf("import time\nprint('still waiting')\ntime.sleep(60)\n");
        assertThat(failure.message()).contains("was not ready within 1s (start-timeout of [workers]", "still waiting");
    }

    private static final String ASGI = """
            async def application(scope, receive, send):
                if scope["type"] == "lifespan":
                    await receive()
                    raise ConnectionError("no database at startup")
            """;

    @ParameterizedTest
    @CsvSource({"builtin, 1", "waitress, 4", "gunicorn, 1", "gunicorn, 4"})
    void anAsgiApplicationIsRefusedByAServerThatDoesNotRunIt(String server, int threads) throws Exception {
        rig.options.server = server;
        rig.options.threads = threads;
        StartFailure failure = rig.failureOf(ASGI);
        assertThat(failure.message())
                .contains(
                        "'app' is an ASGI application", "'" + server + "' does not run", "uvicorn, hypercorn, granian")
                .doesNotContain("Traceback");
    }

    @ParameterizedTest
    @CsvSource({"uvicorn", "hypercorn", "granian"})
    void anApplicationWhoseLifespanFailsDoesNotStart(String server) throws Exception {
        rig.options.server = server;
        StartFailure failure = rig.failureOf(ASGI);
        assertThat(failure)
                .isInstanceOfSatisfying(
                        StartFailure.StartupFailed.class,
                        it -> assertThat(it.message())
                                .contains(
                                        "'app' failed at its startup",
                                        "app.py\", line 4",
                                        "ConnectionError: no database at startup")
                                .doesNotContain("terpan_worker"));
    }

    @ParameterizedTest
    @CsvSource({"uvicorn, timeout_keep_alive", "hypercorn, keep_alive_timeout", "granian, runtime_threads"})
    void anOptionThatIsNoNumberIsNamedWithWhatWasExpected(String server, String option) throws Exception {
        rig.options.server = server;
        rig.options.serverOptions = Map.of(option, "soon");
        StartFailure failure = rig.failureOf(WorkerRig.HELLO);
        assertThat(failure.message()).contains("server option '" + option + "' is 'soon', expected a");
    }
}
