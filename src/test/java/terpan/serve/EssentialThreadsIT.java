package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No thread that Terpan cannot do without ends in silence; and what is to be survived is survived. */
@Timeout(120)
final class EssentialThreadsIT {
    private static final int ENDED = 12;

    @TempDir
    private Path folder;

    /** As after an update in place: what was not loaded yet can not be loaded any more. */
    @Test
    void anErrorInALoopEndsTheProcessWithItsTraceAndAnExitCodeOfItsOwn() throws Exception {
        Path jar = Program.copyOfTheJar(folder);
        try (RunningTerpan terpan = RunningTerpan.serveFrom(jar, "everything:application", "--workers", "2")) {
            assertThat(terpan.get("/").status()).isEqualTo(200);
            Files.write(jar, new byte[0]);
            try (Connection client = terpan.connect()) {
                client.ask("POST", "/", "Content-Length: 500000");
                client.send("x".repeat(400_000));
                assertEnded(terpan, "terpan-io-0");
            }
        }
    }

    @Test
    void anErrorInTheSupervisorEndsTheProcessWithItsTraceAndAnExitCodeOfItsOwn() throws Exception {
        Path jar = Program.copyOfTheJar(folder);
        try (RunningTerpan terpan = RunningTerpan.serveFrom(jar, "everything:application", "--workers", "2")) {
            long worker = terpan.status().workers().getFirst().pid();
            Files.write(jar, new byte[0]);
            Processes.kill(worker, "KILL");
            assertEnded(terpan, "terpan-supervisor");
        }
    }

    private static void assertEnded(RunningTerpan terpan, String thread) throws InterruptedException {
        terpan.expectLeftovers();
        assertThat(terpan.exitCode()).isEqualTo(ENDED);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> terpan.otherProcesses().isEmpty());
        assertThat(terpan.errors())
                .anyMatch(line -> line.contains(thread) && line.contains("Terpan"))
                .anyMatch(line -> line.contains("NoClassDefFoundError"))
                .anyMatch(line -> line.strip().startsWith("at terpan."));
    }

    @Test
    void atTheLimitOfProcessesNoWorkerCanBeStartedAndLaterOneCan() throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serveAsUser(folder, "everything:application", "--workers", "1", "--backoff-most", "1s")) {
            assertThat(terpan.get("/").status()).isEqualTo(200);
            assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
            long worker = terpan.status().workers().getFirst().pid();
            String before = Processes.limit(terpan.pid(), "Max processes");
            terpan.allowProcesses("1");
            Processes.kill(worker, "KILL");
            terpan.awaitLine("reason=\"could not be");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> health(terpan).equals("not serving: no worker is ready\n"));
            terpan.allowProcesses(before);
            await().atMost(Duration.ofSeconds(40)).until(() -> terpan.status().readyWithout(worker, 1));
            assertThat(terpan.get("/").body()).isEqualTo("Hello");
            assertThat(health(terpan)).isEqualTo("ok\n");
        }
    }

    private static String health(RunningTerpan terpan) throws IOException {
        return terpan.ask("/healthz");
    }
}
