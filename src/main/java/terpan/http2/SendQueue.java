package terpan.http2;

import org.jspecify.annotations.Nullable;

/** Streams with something to send: heads first, in order, then bodies by urgency (RFC 9218, section 10). */
final class SendQueue {
    private static final int HEADS = 0;
    private static final int LEVELS = Priority.URGENCIES + 1;

    private final @Nullable Http2Stream[] first = new Http2Stream[LEVELS];
    private final @Nullable Http2Stream[] last = new Http2Stream[LEVELS];

    /** A bit for each level that is not empty. */
    private int filled;

    /** The stream whose head waits longest. */
    @Nullable
    Http2Stream head() {
        return first[HEADS];
    }

    /** The stream whose body is next. */
    @Nullable
    Http2Stream body() {
        int bodies = filled & ~1;
        return bodies == 0 ? null : first[Integer.numberOfTrailingZeros(bodies)];
    }

    boolean hasBodies() {
        return (filled & ~1) != 0;
    }

    boolean isEmpty() {
        return filled == 0;
    }

    void addHead(Http2Stream stream) {
        add(stream, HEADS);
    }

    void addBody(Http2Stream stream) {
        add(stream, 1 + Priority.urgency(stream.priority));
    }

    private void add(Http2Stream stream, int level) {
        if (stream.level >= 0) {
            return;
        }
        Http2Stream before = last[level];
        stream.level = level;
        stream.before = before;
        stream.behind = null;
        if (before == null) {
            first[level] = stream;
        } else {
            before.behind = stream;
        }
        last[level] = stream;
        filled |= 1 << level;
    }

    void remove(Http2Stream stream) {
        int level = stream.level;
        if (level < 0) {
            return;
        }
        Http2Stream before = stream.before;
        Http2Stream behind = stream.behind;
        if (before == null) {
            first[level] = behind;
        } else {
            before.behind = behind;
        }
        if (behind == null) {
            last[level] = before;
        } else {
            behind.before = before;
        }
        if (first[level] == null) {
            filled &= ~(1 << level);
        }
        stream.level = -1;
        stream.before = null;
        stream.behind = null;
    }

    /** Others of its urgency go first. */
    void toEnd(Http2Stream stream) {
        if (stream.behind != null) {
            int level = stream.level;
            remove(stream);
            add(stream, level);
        }
    }
}
