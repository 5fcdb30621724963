package terpan.terminal;

import java.io.Console;
import java.util.Map;

/** What may be sent to standard output besides text. */
public enum Looks {
    /** Nothing: it is no terminal, or a dumb one. */
    NONE,
    /** A terminal whose owner wants no colours ({@code NO_COLOR}). */
    PLAIN,
    /** A terminal. */
    COLOURED;

    /** Those of this process. */
    @SuppressWarnings("SystemConsoleNull") // it is null in a Java that has no module for it
    public static Looks of(Map<String, String> environment) {
        Console console = System.console();
        String kind = environment.getOrDefault("TERM", "dumb");
        if (console == null || !console.isTerminal() || kind.isEmpty() || kind.equals("dumb")) {
            return NONE;
        }
        return environment.getOrDefault("NO_COLOR", "").isEmpty() ? COLOURED : PLAIN;
    }

    /** Whether what is there can be drawn over. */
    public boolean isLive() {
        return this != NONE;
    }
}
