package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.loop.BufferPool;
import terpan.metrics.Limit;
import terpan.spool.Spool;

/**
 * What a body that is taken in holds for itself of memory and of the disk, and whether it may go on: the same rules whatever the client
 * speaks. Belongs to whoever takes bodies in, one after the other, on its loop's thread.
 */
public final class BodyRoom {
    /** Whether more of a body may come. */
    public enum Verdict {
        MORE,
        /** Not for now; the action runs when it may. */
        PAUSE,
        /** There is no room for the rest, and it may not wait for any. */
        NO_ROOM
    }

    /** What a client is told whose body finds no room. */
    public static final String NO_ROOM_SENTENCE = "There is no room for the body at the moment.";

    /** What a client is told whose body is late. */
    public static final String LATE_SENTENCE = "The body of the request did not come in time.";

    /** Memory that a body may have which is spooled as it comes: the input, and what is on its way to the disk. */
    public static final int MEMORY = 3 * BufferPool.BYTES;

    /** Room that a body keeps for itself where others find none, though it comes slowly; bytes. */
    private static final long ROOM_LEAST = 256 * 1024;

    /** It keeps as much as comes in so many seconds. */
    private static final long ROOM_SECONDS = 30;

    private final Edge edge;
    private final Runnable mayGoOn;
    private @Nullable Spool spool;

    /** What was promised to it of memory, what it holds of the disk while it waits for more, and what was known of others' luck. */
    private int promised;

    private long waiting;
    private long refusalsSeen;

    /**
     * @param mayGoOn runs when a body that paused may go on
     */
    public BodyRoom(Edge edge, Runnable mayGoOn) {
        this.edge = edge;
        this.mayGoOn = mayGoOn;
    }

    /** What comes slowly, a head or a body, may go on to hold so much memory; false: there is none for it. */
    public boolean promisesMemory(int bytes) {
        if (promised > 0) {
            edge.bounds.memory().promiseOver(promised);
        }
        promised = edge.bounds.memory().promise(bytes) ? bytes : 0;
        if (promised == 0) {
            edge.metrics.limitReached(Limit.MEMORY);
        }
        return promised > 0;
    }

    /** It holds only so much memory any more. */
    public void trimmedTo(int bytes) {
        if (bytes < promised) {
            edge.bounds.memory().promiseOver(promised - bytes);
            promised = bytes;
        }
    }

    /** A spool for a body that has to be whole before a worker gets it. */
    public Spool whole() {
        return keep(new Spool(edge.spoolSpace, edge.loop, mayGoOn, mayGoOn));
    }

    /** A spool for a body that a worker takes while it comes. */
    public Spool streamed() {
        return keep(Spool.ofAnswer(edge.spoolSpace, edge.loop, mayGoOn, mayGoOn, () -> {}));
    }

    private Spool keep(Spool fresh) {
        fresh.onWaiting(mayGoOn);
        spool = fresh;
        edge.metrics.bodySpooled();
        return fresh;
    }

    /** The body that begins now needs no spool. */
    public void none() {
        spool = null;
    }

    /** Whether the disk has room for so many bytes of the spool's. */
    public boolean promisesRoom(long length) {
        Spool target = spool;
        refusalsSeen = edge.spoolSpace.refusals();
        return target == null || target.promise(length);
    }

    /** Whether more may come behind what was put into the spool. */
    public Verdict goesOn(boolean streams) {
        Spool target = spool();
        if (target.mayAppend()) {
            return edge.memoryIsShort(mayGoOn) ? Verdict.PAUSE : Verdict.MORE;
        }
        if (target.waitsForRoom() && !streams) {
            long holds = target.bytesOnDisk();
            if (!edge.spoolSpace.mayWait(holds)) {
                return Verdict.NO_ROOM;
            }
            waiting = holds;
        }
        return Verdict.PAUSE;
    }

    /** The spool of the body that comes. */
    public Spool spool() {
        Spool target = spool;
        if (target == null) {
            throw new IllegalStateException("no body is being spooled");
        }
        return target;
    }

    /** It has what it waited for, or wants nothing any more. */
    public void waitsNoLonger() {
        if (waiting > 0) {
            edge.spoolSpace.waitsNoLonger(waiting);
            waiting = 0;
        }
    }

    /** Where others find no room, what comes slowly keeps only as much of its own as it will soon use. */
    public void share(long bytesEachSecond) {
        Spool target = spool;
        long refusals = edge.spoolSpace.refusals();
        if (target != null && refusals != refusalsSeen) {
            refusalsSeen = refusals;
            target.keepPromised(Math.max(ROOM_LEAST, bytesEachSecond * ROOM_SECONDS));
        }
    }

    /** The body is whole, or does not come: nothing is kept for it any more. */
    public void over() {
        edge.waitsNoLonger(mayGoOn);
        waitsNoLonger();
        if (promised > 0) {
            edge.bounds.memory().promiseOver(promised);
            promised = 0;
        }
    }
}
