package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code terpan logs} over a Terpan with real workers. */
@Timeout(180)
final class LogsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private RunningTerpan terpan;

    @BeforeEach
    void serve() throws Exception {
        Files.copy(Program.APPLICATIONS.resolve("watched.py"), folder.resolve("shop.py"));
        terpan = RunningTerpan.start(
                Map.of("GO_ON", folder.toString()),
                List.of(
                        "shop:app",
                        "--chdir",
                        folder.toString(),
                        "--python",
                        Program.python().toString(),
                        "--workers",
                        "2",
                        "--log-file",
                        folder.resolve("log").toString()));
        await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
    }

    @AfterEach
    void stop() throws IOException {
        terpan.close();
    }

    private List<String> logs(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 1];
        all[0] = "logs";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Program.Ended ended = terpan.command(all);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out().lines().toList();
    }

    /** One that follows, with what it has said so far. */
    private final class Following implements AutoCloseable {
        private final Process process;
        private final Lines out = new Lines();
        private final Lines err = new Lines();

        Following(String... arguments) throws IOException {
            List<String> all = new java.util.ArrayList<>(List.of("logs", "-f"));
            all.addAll(List.of(arguments));
            all.addAll(List.of("--run-directory", terpan.runDirectory().toString()));
            process = Program.command(Map.of(), all).start();
            collect(process.inputReader(UTF_8), out);
            collect(process.errorReader(UTF_8), err);
        }

        private static void collect(BufferedReader reader, Lines lines) {
            Thread.ofVirtual().start(() -> reader.lines().forEach(lines::add));
        }

        void await(Lines lines, String part) {
            org.awaitility.Awaitility.await(part)
                    .atMost(SOON)
                    .until(() -> lines.all().stream().anyMatch(line -> line.contains(part)));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    void theLastLinesAreShownAndFiltered() throws Exception {
        assertThat(logs("-n", "1")).hasSize(1);
        assertThat(logs("-n", "0")).isEmpty();
        assertThat(logs("--worker", "builtin-1")).isNotEmpty().allMatch(line -> line.contains("builtin-1"));
        assertThat(logs("--level", "error")).isEmpty();
        assertThat(terpan.get("/fails").status()).isEqualTo(500);
        await().atMost(SOON).until(() -> !logs("--level", "error").isEmpty());
        List<String> failure = logs("--level", "error");
        assertThat(failure.getFirst())
                .contains(" ERROR ")
                .contains("the application failed")
                .contains("builtin-");
        Matcher id = Pattern.compile("request=(\\S+)").matcher(String.join("\n", failure));
        assertThat(id.find()).isTrue();
        assertThat(logs("--request", id.group(1))).isNotEmpty();
        assertThat(logs("--request", "nobody's")).isEmpty();
        assertThat(logs("--application", "nobody")).isEmpty();
        Program.Ended wrong = terpan.command("logs", "--level", "loud");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("expected one of trace, debug, info, warn, error");
        assertThat(terpan.command("logs", "-n", "501").code()).isEqualTo(2);
    }

    @Test
    void whatFollowsIsShownWhateverBecomesOfItsFile() throws Exception {
        try (Following following = new Following("--level", "error")) {
            terpan.get("/fails");
            following.await(following.out, "the application failed");
            Files.move(folder.resolve("log"), folder.resolve("log.1"));
            terpan.signal("USR1");
            terpan.command("reload");
            int before = following.out.all().size();
            terpan.get("/fails");
            await().atMost(SOON).until(() -> following.out.all().size() > before);
            assertThat(following.err.all()).isEmpty();
        }
    }

    @Test
    void anUpgradeIsSaidAndTheNewProcessesLinesFollow() throws Exception {
        try (Following following = new Following("-n", "1")) {
            await().atMost(SOON).until(() -> !following.out.all().isEmpty());
            Path program = Program.launcher(folder, "terpan");
            Program.Ended upgrade = terpan.command("upgrade", program.toString());
            assertThat(upgrade.code()).as(upgrade.err()).isZero();
            terpan.follow();
            following.await(following.err, "process " + terpan.pid() + " is Terpan now; its log follows");
            following.await(following.out, "worker state");
        }
    }
}
