package terpan.worker;

import java.util.Map;
import java.util.Optional;

/**
 * The order in which a fork parent may speak: one hello, then, once it was told to go, loaded or failed, and of each process that it was
 * told to fork one end. Belongs to the connection's thread.
 */
final class ParentOrder {
    private boolean greeted;
    private boolean loaded;
    private boolean failed;
    private int ended;

    /**
     * Takes one message.
     *
     * @param gone it was told to go on
     * @param forks how many processes it was told to fork
     * @return why it breaks the rules; empty: it may be said
     */
    Optional<String> breach(Map<String, String> message, boolean gone, int forks) {
        String kind = message.getOrDefault("kind", "");
        return switch (kind) {
            case "hello" -> {
                boolean first = !greeted;
                greeted = true;
                yield unless(first, "a hello that is not the first message");
            }
            case "loaded" -> {
                boolean first = greeted && gone && !loaded && !failed;
                loaded = true;
                yield unless(first, "loaded without having been told to go on, twice, or after a failure");
            }
            case "failed" -> {
                boolean first = greeted && !loaded && !failed;
                failed = true;
                yield unless(first, "a failure before the hello, after it was loaded, or twice");
            }
            case "ended" -> unless(loaded && ++ended <= forks, "the end of a process that it was not told to fork");
            default -> Optional.of("a message of the unknown kind \"" + ControlOrder.shown(kind) + "\"");
        };
    }

    private static Optional<String> unless(boolean allowed, String otherwise) {
        return allowed ? Optional.empty() : Optional.of(otherwise);
    }
}
