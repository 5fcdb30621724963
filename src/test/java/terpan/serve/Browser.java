package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import terpan.json.JsonText;

/** A real browser without a window, and its tabs. For one thread at a time. */
final class Browser implements AutoCloseable {
    private static final String DRIVER =
            Program.APPLICATIONS.resolveSibling("browser").resolve("browser.py").toString();
    private static final int END_SECONDS = 30;

    private final Process process;
    private final BufferedReader answers;

    /** Starts one by its name, with a profile of its own. */
    Browser(String kind, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(Program.python().toString(), DRIVER, kind));
        command.addAll(flags);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** Opens a page and waits until it is loaded with all that belongs to it. */
    void open(int tab, String url) throws IOException {
        assertThat(tell(tab, "open", url)).isEqualTo("true");
    }

    /** What an expression comes to in a tab, as JSON. */
    String js(int tab, String expression) throws IOException {
        return tell(tab, "js", expression);
    }

    private String tell(int tab, String what, String text) throws IOException {
        String order = "{\"tab\": " + tab + ", \"" + what + "\": " + JsonText.quoted(text) + "}\n";
        process.getOutputStream().write(order.getBytes(UTF_8));
        process.getOutputStream().flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the browser has ended");
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS))
                    .as("the browser ends")
                    .isTrue();
            assertThat(process.exitValue()).isZero();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
