package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.log.DatagramReceiver;
import terpan.log.SyslogServer;

/** What the logs of a real Terpan say of requests, and how that changes with a reload. */
@Timeout(180)
final class LogFormatsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void formatRulesMasksAndSlowRequestsFollowTheSettingsAndTheirReload() throws Exception {
        Path access = folder.resolve("access.log");
        Path settings = settings(
                access,
                "access-format = '%(h)s \"$request\" $status \"%({X-Name}i)s\" $http_cookie $request_uri'",
                "access-rules = [\"/process off\", \"/sleep 2xx on\"]",
                "slow = \"50ms\"");
        try (RunningTerpan terpan =
                RunningTerpan.serve("everything:application", "--workers", "1", "--config", settings.toString())) {
            assertThat(terpan.get("/process").status()).isEqualTo(200);
            assertThat(terpan.get("/?a=1&token=hush", "X-Name: one \"two\"", "Cookie: hush")
                            .status())
                    .isEqualTo(200);
            await().atMost(SOON)
                    .until(() -> Files.exists(access) && !lines(access).isEmpty());
            assertThat(lines(access))
                    .containsExactly(
                            "127.0.0.1 \"GET /?a=1&token=*** HTTP/1.1\" 200 \"one \\\"two\\\"\" *** /?a=1&token=***");

            assertThat(terpan.get("/sleep?seconds=0.2&password=hush").status()).isEqualTo(200);
            terpan.awaitLine("request was slow");
            String slow = terpan.errors().stream()
                    .filter(line -> line.contains("request was slow"))
                    .findFirst()
                    .orElseThrow();
            assertThat(slow)
                    .contains(" route=\"GET /sleep\" ", " target=\"/sleep?seconds=0.2&password=***\" ")
                    .contains(" receiving_ms=", " queue_ms=", " sending_ms=")
                    .containsPattern(" worker_ms=[2-9][0-9]{2}")
                    .containsPattern(" total_ms=[2-9][0-9]{2}");
            await().atMost(SOON).until(() -> lines(access).size() == 2);

            settings(access, "access-format = \"logfmt\"", "mask-query = []");
            Program.Ended reloaded = terpan.command("reload");
            assertThat(reloaded.code()).as(reloaded.err()).isZero();
            await().atMost(SOON).until(() -> {
                terpan.get("/process?token=told");
                return lines(access).size() > 2;
            });
            assertThat(lines(access).getLast())
                    .startsWith("time=")
                    .contains(" target=\"/process?token=told\"", " status=200 ", " worker=\"");
            assertThat(String.join("\n", terpan.errors())).doesNotContain("hush");
        }
    }

    @Test
    void bothLogsGoToServicesAndBackToFilesWithAReload() throws Exception {
        Path journal = folder.resolve("journal");
        Path access = folder.resolve("access.log");
        Path settings = folder.resolve("terpan.toml");
        try (DatagramReceiver journald = DatagramReceiver.at(journal);
                SyslogServer syslog = SyslogServer.at(0)) {
            Files.writeString(
                    settings,
                    "[log]\nto = \"journald:%s\"\naccess = true\naccess-to = \"syslog:tcp:127.0.0.1:%d,facility=local0\"\n"
                            .formatted(journal, syslog.port()));
            try (RunningTerpan terpan =
                    RunningTerpan.serve("everything:application", "--workers", "1", "--config", settings.toString())) {
                assertThat(journald.awaitEntry("worker state"))
                        .containsEntry("PRIORITY", "6")
                        .containsEntry("TERPAN_WORKER", "builtin-1");
                assertThat(terpan.get("/fail").status()).isEqualTo(500);
                assertThat(journald.awaitEntry("the application failed").get("TERPAN_TRACEBACK"))
                        .startsWith("Traceback (most recent call last):\n");
                assertThat(syslog.awaitText("GET /fail "))
                        .matches("<134>1 \\S+ \\S+ terpan [0-9]+ access - 127\\.0\\.0\\.1 .* 500 .*");

                Files.writeString(
                        settings,
                        "[log]\naccess = true\naccess-file = \"%s\"\nrotate-size = \"4KiB\"\n".formatted(access));
                Program.Ended reloaded = terpan.command("reload");
                assertThat(reloaded.code()).as(reloaded.err()).isZero();
                await().atMost(SOON).until(() -> {
                    terpan.get("/?many");
                    return Files.exists(folder.resolve("access.log.2"));
                });
                assertThat(Files.size(folder.resolve("access.log.1"))).isBetween(2_000L, 4_096L);
                assertThat(terpan.metric("terpan_log_lines_dropped_total{log=\"access\"}"))
                        .isZero();
                assertThat(terpan.metric("terpan_log_lines_dropped_total{log=\"log\"}"))
                        .isZero();
            }
        }
    }

    @Test
    void mistakesAreToldTogetherBeforeAnythingBegins() throws Exception {
        Path settings = settings(
                folder.resolve("access.log"), "access-format = \"$statsu\"", "access-rules = [\"/x 700 off\"]");
        Program.Ended check =
                Program.run(Program.APPLICATIONS, "check", "--config", settings.toString(), "everything:application");
        assertThat(check.code()).isNotZero();
        assertThat(check.err())
                .contains("\"$statsu\" is no atom, did you mean \"$status\"?")
                .contains("log.access-rules is \"/x 700 off\"");
    }

    private Path settings(Path access, String... lines) throws IOException {
        String text = "[log]\naccess = true\naccess-file = \"" + access + "\"\n" + String.join("\n", lines) + "\n";
        return Files.writeString(folder.resolve("terpan.toml"), text, UTF_8);
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }
}
