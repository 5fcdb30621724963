package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, and what applications go on with when nobody waits. */
@Timeout(120)
final class LeavingIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private static RunningTerpan serve(String server, String... more) throws Exception {
        String[] all = new String[more.length + 4];
        System.arraycopy(new String[] {"--server", server, "--workers", "1"}, 0, all, 0, 4);
        System.arraycopy(more, 0, all, 4, more.length);
        return RunningTerpan.serve("leaving:application", all);
    }

    private static void awaitNote(RunningTerpan terpan, String note, int times) {
        await(note).atMost(SOON).until(() -> noted(terpan, note) >= times);
    }

    private static long noted(RunningTerpan terpan, String note) {
        return terpan.output().stream().filter(line -> line.contains(note)).count()
                + terpan.errors().stream().filter(line -> line.contains(note)).count();
    }

    private static void askAndLeave(RunningTerpan terpan, String target, boolean byReset, int times) throws Exception {
        try (SocketChannel client = SocketChannel.open(terpan.address())) {
            client.write(ByteBuffer.wrap(
                    ("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1)));
            awaitNote(terpan, "noted begun " + target, times);
            if (byReset) {
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn", "granian"})
    void anAsgiApplicationIsToldThatItsClientHasLeft(String server) throws Exception {
        try (RunningTerpan terpan = serve(server)) {
            for (String target : new String[] {"/wait", "/stream"}) {
                askAndLeave(terpan, target, false, 1);
                awaitNote(terpan, "noted http.disconnect " + target, 1);
                askAndLeave(terpan, target, true, 2);
                awaitNote(terpan, "noted http.disconnect " + target, 2);
            }
            assertThat(terpan.get("/").body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"uvicorn", "hypercorn"})
    void whatGoesOnBehindAnAnswerHasTheTimeOfTheDrain(String server) throws Exception {
        Path go = folder.resolve("go-" + server);
        try (RunningTerpan terpan = serve(server, "--stop-timeout", "100ms", "--drain-timeout", "60s")) {
            assertThat(terpan.get("/task?" + go).body()).isEqualTo("ok");
            terpan.signal("TERM");
            terpan.awaitLine("state=STOPPING");
            Files.createFile(go);
            assertThat(terpan.exitCode()).isZero();
            awaitNote(terpan, "noted task is done", 1);
        }
    }

    @Test
    void whatDoesNotEndInTimeIsKilledWithAWarning() throws Exception {
        try (RunningTerpan terpan = serve("uvicorn", "--stop-timeout", "100ms", "--drain-timeout", "100ms")) {
            assertThat(terpan.get("/task?" + folder.resolve("never")).body()).isEqualTo("ok");
            terpan.signal("TERM");
            assertThat(terpan.exitCode()).isZero();
            terpan.awaitLine("WARN  worker is killed: it did not end in time");
        }
    }
}
