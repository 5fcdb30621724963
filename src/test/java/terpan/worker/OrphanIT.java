package terpan.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing outlives a Terpan that was killed: not workers, not their children, not the guard. */
@Timeout(90)
final class OrphanIT {
    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    /** All processes with our mark in their environment. */
    private static List<Long> marked(String mark) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> environment(pid).contains(mark))
                .toList();
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    @ParameterizedTest
    @CsvSource({
        "waitress, 2",
        "gunicorn, 2",
        "gevent, 1",
        "eventlet, 1",
        "meinheld, 1",
        "bjoern, 1",
        "cheroot, 2",
        "cherrypy, 2",
        "tornado, 2",
        "twisted, 2",
        "uwsgi, 2",
        "uvicorn, 2",
        "hypercorn, 2",
        "granian, 2"
    })
    void aKillLeavesNoProcessAndTheNextStartRemovesTheSockets(String server, int threads) throws Exception {
        Files.writeString(rig.applications().resolve("app.py"), """
                import subprocess, sys
                subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(60)"])

                def application(environ, start_response):
                    start_response("204 No Content", [])
                    return []
                """);
        String mark = "TERPAN_TEST_MARK=" + rig.run().getFileName();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dterpan.python=" + TestPython.interpreter(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OrphanMain.class.getName(),
                        rig.run().toString(),
                        rig.applications().toString(),
                        server,
                        Integer.toString(threads))
                .redirectErrorStream(true);
        builder.environment().put("TERPAN_TEST_MARK", rig.run().getFileName().toString());
        Process terpan = builder.start();
        try (BufferedReader output = terpan.inputReader(UTF_8)) {
            for (String line = output.readLine(); !"ready".equals(line); line = output.readLine()) {
                assertThat(line).isNotNull();
            }
            // Terpan, two workers with a child each, the guard.
            assertThat(marked(mark)).hasSizeGreaterThanOrEqualTo(6);
            terpan.destroyForcibly().waitFor();
            // Two seconds are the promise; a loaded machine is given as much again.
            await().atMost(Duration.ofSeconds(4)).until(() -> marked(mark).isEmpty());
        } finally {
            terpan.destroyForcibly();
        }
        assertThat(rig.run().resolve("control")).exists();
        RunDirectory.open(rig.run()).close();
        // The rig looks that no socket is left.
    }
}
