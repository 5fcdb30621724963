package terpan.worker;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The order in which a launcher may speak: one hello, one bound, then, once it was told to go, ready, failed and deaf. Until it goes on,
 * only our own code runs in it; afterwards an application may hold the channel and say anything. Belongs to the connection's thread.
 */
final class ControlOrder {
    /** A server with a master says again of each process it forks that it is ready. */
    private static final int MESSAGES_MOST = 60;

    private static final int SHOWN_MOST = 100;
    private static final long SPAN = TimeUnit.MINUTES.toNanos(1);

    private enum Stage {
        NEW,
        GREETED,
        BOUND
    }

    private Stage stage = Stage.NEW;
    private long spanBegan;
    private int inSpan;

    /**
     * Takes one message.
     *
     * @param gone it was told to go on
     * @param deafened it was told to accept nothing more
     * @param now nanoseconds
     * @return why it breaks the rules; empty: it may be said
     */
    Optional<String> breach(Map<String, String> message, boolean gone, boolean deafened, long now) {
        String kind = message.getOrDefault("kind", "");
        if (isTooMuch(now)) {
            return Optional.of("more than " + MESSAGES_MOST + " messages within a minute");
        }
        return switch (kind) {
            case "hello" -> next(stage == Stage.NEW, Stage.GREETED, "a hello that is not the first message");
            case "bound" -> next(stage == Stage.GREETED, Stage.BOUND, "a bound that does not follow the hello");
            case "failed" -> next(stage != Stage.NEW, stage, "a failure before the hello");
            case "ready" -> next(stage == Stage.BOUND && gone, stage, "ready before it was told to go on");
            case "deaf" -> next(gone && deafened, stage, "deaf without having been told to be");
            default -> Optional.of("a message of the unknown kind \"" + shown(kind) + "\"");
        };
    }

    private Optional<String> next(boolean allowed, Stage next, String otherwise) {
        if (!allowed) {
            return Optional.of(otherwise);
        }
        stage = next;
        return Optional.empty();
    }

    private boolean isTooMuch(long now) {
        if (inSpan == 0 || now - spanBegan > SPAN) {
            spanBegan = now;
            inSpan = 0;
        }
        inSpan++;
        return inSpan > MESSAGES_MOST;
    }

    /** A text of a message for one line of a person's: printable, and short. */
    static String shown(String text) {
        String cut = text.length() > SHOWN_MOST ? text.substring(0, SHOWN_MOST) : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
