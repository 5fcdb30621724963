package terpan.edge;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.coding.BodyEncoder;
import terpan.coding.Encoders;
import terpan.config.Settings;
import terpan.loop.Loop;
import terpan.loop.Timer;

/** What compresses bodies on one loop, and how much of a turn it may take. Belongs to the loop's thread. */
final class CodingBudget {
    /** Bytes that all answers together may have coded in one turn, but for the piece that goes beyond it: about 1 ms with the levels that are set by default. */
    private static final int TURN_MOST = 128 * 1024;

    /** What nobody needed for so long is given back. */
    private static final long TRIM_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Encoders encoders = new Encoders();
    private final Loop loop;
    private final Timer trim;
    private long turn;
    private int coded;

    CodingBudget(Loop loop) {
        this.loop = loop;
        this.trim = loop.timer(this::trim);
    }

    /** {@link Encoders#take}. */
    @Nullable
    BodyEncoder encoder(Settings.Coding coding, int level) {
        return encoders.take(coding, level);
    }

    /** {@link Encoders#give}. */
    void give(Settings.Coding coding, int level, BodyEncoder encoder) {
        encoders.give(coding, level, encoder);
        if (!trim.isSet()) {
            trim.set(loop.now() + TRIM_NANOS);
        }
    }

    private void trim() {
        if (encoders.trim()) {
            trim.set(loop.now() + TRIM_NANOS);
        }
    }

    /** How many bodies have an encoder. */
    int used() {
        return encoders.used();
    }

    /** So many bytes are coded now. */
    void take(int bytes) {
        if (turn != loop.turnNumber()) {
            turn = loop.turnNumber();
            coded = 0;
        }
        coded += bytes;
    }

    /** Whether this turn has time for more. */
    boolean isLeft() {
        return coded < TURN_MOST || turn != loop.turnNumber();
    }
}
