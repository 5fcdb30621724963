package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person sees who starts Terpan at a terminal. */
@Timeout(120)
final class TerminalIT {
    @Test
    void noLineOfTheLogStandsWithinTheBanner() throws Exception {
        // Workers that become ready while the first one is served are what tore it.
        try (RunningTerpan terpan = RunningTerpan.serveOnATerminal(
                "everything:application", "--workers", "8", "--bind", ":0", "--bind", "[::1]:0")) {
            List<String> lines = terpan.errors();
            int first = indexOf(lines, "  Serving     http://0.0.0.0:");
            assertThat(lines.get(first - 1)).isEmpty();
            assertThat(lines.get(first)).endsWith("/ (every address of this machine)");
            assertThat(lines.get(first + 1)).startsWith("  Serving     http://[::1]:");
            assertThat(lines.get(first + 2)).startsWith("  Application everything:application");
            assertThat(lines.get(first + 3)).startsWith("  Workers     8 x builtin");
            assertThat(lines.get(first + 4)).startsWith("  Log         standard error");
            assertThat(lines.get(first + 5)).startsWith("  Operators   ");
            assertThat(lines.get(first + 6)).startsWith("  Stop        Ctrl-C");
            end(terpan);
        }
    }

    @Test
    void inDevelopmentEachRequestLeavesALineOnTheTerminal() throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serveOnATerminal("everything:application", "--workers", "1", "--development")) {
            assertThat(terpan.errors()).anyMatch(line -> line.endsWith("access log standard output"));
            terpan.get("/at-the-terminal");
            terpan.awaitLine("\"GET /at-the-terminal HTTP/1.1\"");
            end(terpan);
        }
    }

    @Test
    void withoutDevelopmentItIsOffThereAndWithItOffElsewhere() throws Exception {
        try (RunningTerpan quiet = RunningTerpan.serveOnATerminal("everything:application", "--workers", "1")) {
            assertThat(quiet.errors()).anyMatch(line -> line.endsWith("access log off"));
            end(quiet);
        }
        try (RunningTerpan piped = RunningTerpan.serve("everything:application", "--workers", "1", "--development")) {
            assertThat(piped.errors()).anyMatch(line -> line.endsWith("access log off"));
        }
    }

    /** What was started is not Terpan itself but the program that made the terminal. */
    private static void end(RunningTerpan terpan) throws Exception {
        terpan.closeTerminal();
        assertThat(terpan.exitCode()).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "BUILTIN",
                "WAITRESS",
                "GUNICORN_SYNC",
                "UWSGI",
                "UVICORN",
                "GRANIAN",
                "HYPERCORN",
                "BJOERN",
                "TORNADO"
            })
    void processesAreCalledWhatTheyAre(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            for (Status.Worker worker : terpan.status().workers()) {
                assertThat(ps("args", worker.pid())).startsWith("terpan: " + worker.name() + " everything:application");
            }
            assertThat(ps("comm", terpan.pid())).isEqualTo("terpan");
        }
    }

    private static String ps(String column, long pid) throws Exception {
        Process ps = new ProcessBuilder("ps", "-ww", "-o", column + "=", "-p", Long.toString(pid)).start();
        String shown = new String(ps.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(ps.waitFor()).isZero();
        return shown.strip();
    }

    private static int indexOf(List<String> lines, String begin) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(begin)) {
                return i;
            }
        }
        throw new AssertionError("no line begins with " + begin + " among " + lines);
    }
}
