package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;

/** A real terminal with a shell in it, as a person has it: tmux on a socket of its own. Closing it ends all that runs there. */
final class Tmux implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Path socket;

    private Tmux(Path socket) {
        this.socket = socket;
    }

    /**
     * Opens one with a shell.
     *
     * @param folder where the shell is, and its socket
     * @param environment variables more, as NAME=VALUE
     */
    static Tmux open(Path folder, int columns, int rows, String... environment) throws Exception {
        if (new ProcessBuilder("sh", "-c", "command -v tmux > /dev/null")
                        .start()
                        .waitFor()
                != 0) {
            String reason = "tmux is missing: run scripts/debian-packages";
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            Assumptions.abort(reason);
        }
        Tmux tmux = new Tmux(folder.resolve("tmux"));
        List<String> begin = new ArrayList<>(List.of("-f", "/dev/null", "-u", "new-session", "-d"));
        begin.addAll(List.of("-x", Integer.toString(columns), "-y", Integer.toString(rows)));
        for (String variable : environment) {
            begin.addAll(List.of("-e", variable));
        }
        begin.addAll(List.of("-c", folder.toString(), "exec env PS1='$ ' ENV= LC_ALL=C.UTF-8 sh -i"));
        tmux.run(begin);
        tmux.await("$");
        return tmux;
    }

    private String run(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("tmux", "-S", socket.toString()));
        command.addAll(arguments);
        Path said = Files.createTempFile("tmux", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("tmux ends").isTrue();
            String text = Files.readString(said, UTF_8);
            assertThat(process.exitValue()).as(command + ": " + text).isZero();
            return text;
        } finally {
            Files.delete(said);
        }
    }

    /** Types a line and Enter. */
    void line(String text) throws Exception {
        run(List.of("send-keys", "-l", text));
        run(List.of("send-keys", "Enter"));
    }

    /** Presses keys, by tmux's names. */
    void press(String... keys) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("send-keys"));
        arguments.addAll(List.of(keys));
        run(arguments);
    }

    void resize(int columns, int rows) throws Exception {
        run(List.of("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows)));
    }

    /** What is to be seen now. */
    String screen() throws Exception {
        return run(List.of("capture-pane", "-p"));
    }

    /** The same with colours and the like. */
    String styled() throws Exception {
        return run(List.of("capture-pane", "-p", "-e"));
    }

    /** A value of tmux's formats. */
    String value(String format) throws Exception {
        return run(List.of("display-message", "-p", format)).strip();
    }

    void await(String part) throws Exception {
        await(part, screen -> screen.contains(part));
    }

    void await(String what, Predicate<String> wanted) throws Exception {
        String[] last = {""};
        try {
            org.awaitility.Awaitility.await(what).atMost(SOON).until(() -> {
                last[0] = screen();
                return wanted.test(last[0]);
            });
        } catch (org.awaitility.core.ConditionTimeoutException late) {
            throw new AssertionError(what + " is not to be seen, but\n" + last[0], late);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            run(List.of("kill-server"));
        } catch (IOException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
