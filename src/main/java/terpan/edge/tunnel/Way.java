package terpan.edge.tunnel;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.link.TunnelEnd;

/** One way of a tunnel: from one end to the other, with what that one has not taken yet, at most a buffer. Belongs to the loop's thread. */
final class Way {
    /** What became of an attempt to move bytes. */
    enum Result {
        /** There may be more. */
        GOES_ON,
        /** The source has ended, the target has all of it and was told. */
        ENDED,
        SOURCE_GONE,
        TARGET_GONE
    }

    private static final byte[] NONE = new byte[0];

    private final Edge edge;
    private final TunnelEnd from;
    private final TunnelEnd to;
    private final Runnable again;
    private final @Nullable FrameBounds frames;
    private byte[] held = NONE;
    private int start;
    private int end;
    private boolean paused;
    private boolean ended;
    private boolean told;
    private boolean stopped;
    private long bytes;
    private long taken;
    private boolean waits;
    private long waitsSince;

    /**
     * @param frames told of all that comes; null: nobody wants to know
     * @param mover moves it once there is memory again
     */
    Way(Edge edge, TunnelEnd from, TunnelEnd to, @Nullable FrameBounds frames, Consumer<Way> mover) {
        this.frames = frames;
        this.again = () -> mover.accept(this);
        this.edge = edge;
        this.from = from;
        this.to = to;
    }

    /** Bytes that came. */
    long bytes() {
        return bytes;
    }

    /** Rises whenever something passes, in or out. */
    long moved() {
        return bytes + taken;
    }

    /** Whether the source has ended. */
    boolean ended() {
        return ended;
    }

    /** Whether the target does not take all that there is for it. */
    boolean waits() {
        return waits;
    }

    /** Since when it has taken nothing of it, monotonic nanoseconds. */
    long waitsSince() {
        return waitsSince;
    }

    /** Sends these bytes behind all that came, if nothing of it waits; whether the target has them. */
    boolean sendLast(byte[] last) {
        try {
            return start == end && to.takesMore() && to.send(last, 0, last.length) == last.length;
        } catch (IOException gone) {
            return false;
        }
    }

    /** Moves what can be moved now; receives once at most. */
    Result move() {
        if (stopped) {
            return Result.GOES_ON;
        }
        try {
            if (!sendHeld()) {
                return waitForTarget();
            }
        } catch (IOException gone) {
            return Result.TARGET_GONE;
        }
        waits = false;
        if (!ended && !edge.memoryIsShort(again)) {
            byte[] buffer = edge.buffers.take();
            int received;
            try {
                received = from.receive(buffer, 0, buffer.length);
            } catch (IOException reset) {
                edge.buffers.giveBack(buffer);
                return Result.SOURCE_GONE;
            }
            ended = received < 0;
            if (received <= 0) {
                edge.buffers.giveBack(buffer);
            } else {
                bytes += received;
                FrameBounds followed = frames;
                if (followed != null) {
                    followed.pass(buffer, 0, received);
                }
                held = buffer;
                start = 0;
                end = received;
                return pass();
            }
        } else if (!ended) {
            pause(true);
            return Result.GOES_ON;
        }
        return goOn();
    }

    private Result pass() {
        try {
            return sendHeld() ? goOn() : waitForTarget();
        } catch (IOException gone) {
            return Result.TARGET_GONE;
        }
    }

    private Result goOn() {
        pause(ended);
        if (!ended || told) {
            return Result.GOES_ON;
        }
        told = true;
        try {
            to.endOutput();
        } catch (IOException gone) {
            return Result.TARGET_GONE;
        }
        return Result.ENDED;
    }

    private Result waitForTarget() {
        if (!waits) {
            waits = true;
            waitsSince = edge.loop.now();
        }
        pause(true);
        return Result.GOES_ON;
    }

    private void pause(boolean wanted) {
        if (paused != wanted) {
            paused = wanted;
            from.reading(!wanted);
        }
    }

    /** Whether the target has taken all of it. */
    private boolean sendHeld() throws IOException {
        if (start < end) {
            int count = to.send(held, start, end - start);
            start += count;
            taken += count;
            if (count > 0) {
                waitsSince = edge.loop.now();
            }
            if (start < end) {
                return false;
            }
            release();
        }
        return to.takesMore();
    }

    private void release() {
        if (held.length > 0) {
            edge.buffers.giveBack(held);
            held = NONE;
        }
        start = 0;
        end = 0;
    }

    /** Nothing passes this way any more, though the other may. */
    void stop() {
        stopped = true;
        waits = false;
        edge.waitsNoLonger(again);
        pause(true);
        release();
    }

    /** The tunnel is over. */
    void drop() {
        stopped = true;
        edge.waitsNoLonger(again);
        release();
    }
}
