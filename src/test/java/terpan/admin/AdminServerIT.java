package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operators' listener as curl sees it. */
@Timeout(60)
final class AdminServerIT {
    @TempDir
    private Path directory;

    @Test
    void curlGetsStatusMetricsAndHealth() throws Exception {
        FakeOperations operations = new FakeOperations();
        try (AdminServer server = serve(operations)) {
            assertThat(curl("http://terpan/healthz")).isEqualTo("ok\n");
            assertThat(curl("http://terpan/metrics")).isEqualTo("terpan_queue_length 3.0\n");
            assertThat(curl("http://terpan/status")).isEqualTo(StatusJson.write(operations.status()) + "\n");
            assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", "http://terpan/none"))
                    .isEqualTo("404");
            assertThat(server).isNotNull();
        }
    }

    @Test
    void curlGivesCommandsWithAndWithoutABody() throws Exception {
        FakeOperations operations = new FakeOperations();
        try (AdminServer server = serve(operations)) {
            assertThat(curl("-X", "POST", "http://terpan/workers/w1/restart")).isEqualTo("Restarting w1.\n");
            assertThat(curl("-d", "now", "http://terpan/stop")).startsWith("Stopping;");
            assertThat(server).isNotNull();
        }
        assertThat(operations.commands).containsExactly("restart w1", "stop");
    }

    private AdminServer serve(Operations operations) throws IOException {
        return AdminServer.start(directory.resolve(AdminServer.SOCKET_NAME), operations, AdminServer.DEADLINE);
    }

    private String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--max-time",
                "10",
                "--unix-socket",
                directory.resolve(AdminServer.SOCKET_NAME).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
