package terpan.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Whether a person looks at standard error. */
final class Terminal {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** By the descriptor's own name on Linux; elsewhere by the console, which asks about input and output instead. */
    @SuppressWarnings("NullAway") // the JDK no longer gives null
    static boolean isStandardError() {
        try {
            String name = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console");
        } catch (IOException notLinux) {
            return System.console().isTerminal();
        }
    }

    /** Not where NO_COLOR is set to anything, nor on a terminal that calls itself dumb. */
    static boolean wantsColours(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }
}
