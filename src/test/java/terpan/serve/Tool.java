package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program that a test needs and a script of ours makes, such as a real authority or a checker. */
public final class Tool {
    private static final Path SCRIPTS = Path.of(System.getProperty("terpan.basedir", "."), "scripts");
    private static final int UNAVAILABLE = 69;

    /** Making one takes as long as the network does, the first time. */
    private static final int MAKING_SECONDS = 900;

    private Tool() {}

    /** What the script says last: where it is. Made where it is not there; a test that can not have it is skipped, but for CI's. */
    public static Path made(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
        command.addAll(List.of(arguments));
        Process making = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(making.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(making.waitFor(MAKING_SECONDS, TimeUnit.SECONDS)).isTrue();
        if (making.exitValue() == UNAVAILABLE && !"true".equals(System.getenv("CI"))) {
            Assumptions.abort(said);
        }
        assertThat(making.exitValue()).as(said).isZero();
        return Path.of(said.lines().reduce("", (before, line) -> line));
    }
}
