package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs that nobody reads, or that have no room: little is done for them meanwhile, and they go on. */
@Timeout(120)
final class LogFailuresIT {
    @TempDir
    private Path folder;

    @Test
    void aLogWithoutReaderAndAFullAccessLogCostNothingAndGoOn() throws Exception {
        Path pipe = folder.resolve("log");
        Path access = folder.resolve("access");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<BufferedReader> first =
                CompletableFuture.supplyAsync(() -> open(pipe), Thread::startVirtualThread);
        try (RunningTerpan terpan = RunningTerpan.serve(
                "everything:application",
                "--workers",
                "1",
                "--log-file",
                pipe.toString(),
                "--access-log",
                "--access-log-file",
                access.toString())) {
            first.get(20, TimeUnit.SECONDS).close();
            assertThat(terpan.get("/").status()).isEqualTo(200);
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.size(access) > 0);
            long room = Files.size(access) + 300;
            allowFiles(terpan, Long.toString(room));
            int requests = 1;
            for (; requests < 20; requests++) {
                assertThat(terpan.get("/?number=" + requests).status()).isEqualTo(200);
            }
            long worker = terpan.status().workers().getFirst().pid();
            Processes.kill(worker, "KILL");
            await().atMost(Duration.ofSeconds(20)).until(() -> terpan.status().readyWithout(worker, 1));
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.size(access) == room);

            long before = Processes.cpuTicks(terpan.pid());
            await("less than half of a second's processor time while nothing can be logged")
                    .during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> Processes.cpuTicks(terpan.pid()) - before < 50);
            assertThat(terpan.metric("terpan_log_lines_dropped_total{log=\"log\"}"))
                    .isZero();

            allowFiles(terpan, "unlimited");
            int all = requests;
            await().atMost(Duration.ofSeconds(20)).until(() -> lines(access).size() == all);
            for (int number = 1; number < all; number++) {
                assertThat(lines(access).get(number)).contains("GET /?number=" + number + " HTTP/1.1");
            }
            try (BufferedReader again = open(pipe)) {
                String line = again.readLine();
                while (!line.contains("log is written again, so many lines were lost")) {
                    line = again.readLine();
                }
                assertThat(line).contains("lines=0");
            }
        }
    }

    private static BufferedReader open(Path pipe) {
        try {
            return new BufferedReader(new InputStreamReader(Files.newInputStream(pipe), UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    /** How long a file may become that the process writes, as a full disk has it. */
    private static void allowFiles(RunningTerpan terpan, String most) throws IOException, InterruptedException {
        int code = new ProcessBuilder("prlimit", "--pid", Long.toString(terpan.pid()), "--fsize=" + most + ":")
                .inheritIO()
                .start()
                .waitFor();
        assertThat(code).isZero();
    }
}
