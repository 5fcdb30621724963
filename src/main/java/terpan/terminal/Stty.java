package terpan.terminal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The terminal of standard input, by the command {@code stty}, which every system with a shell has (POSIX). No state. */
final class Stty {
    private static final long SECONDS_MOST = 5;
    private static final int ANSWER_MOST = 1_024;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5}) (\\d{1,5})");

    /** Rows and columns. */
    record Size(int rows, int columns) {
        /** Where nobody knows. */
        static final Size USUAL = new Size(24, 80);
    }

    private Stty() {}

    /** The settings in a form that {@link #set} takes. */
    static String settings() throws IOException {
        return run(List.of("-g"));
    }

    /** Sets them as they were. */
    static void set(String settings) throws IOException {
        run(List.of(settings));
    }

    /** Each key comes at once and is not shown; of those that send signals only Ctrl-C stays. */
    static void keyByKey() throws IOException {
        run(List.of("-icanon", "-echo", "-ixon", "min", "1", "time", "0", "susp", "undef", "quit", "undef"));
    }

    /** How large it is now. */
    static Size size() throws IOException {
        Matcher size = SIZE.matcher(run(List.of("size")));
        if (!size.matches()) {
            return Size.USUAL;
        }
        int rows = Integer.parseInt(size.group(1));
        int columns = Integer.parseInt(size.group(2));
        return rows == 0 || columns == 0 ? Size.USUAL : new Size(rows, columns);
    }

    private static String run(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        try (InputStream output = process.getInputStream()) {
            if (!process.waitFor(SECONDS_MOST, TimeUnit.SECONDS)) {
                throw new IOException("stty has not ended within " + SECONDS_MOST + " s");
            }
            String said = new String(output.readNBytes(ANSWER_MOST), US_ASCII).strip();
            if (process.exitValue() != 0) {
                throw new IOException(
                        "stty " + String.join(" ", arguments) + " ended with " + process.exitValue() + ": " + said);
            }
            return said;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while stty was waited for", interrupted);
        } finally {
            process.destroyForcibly();
        }
    }
}
