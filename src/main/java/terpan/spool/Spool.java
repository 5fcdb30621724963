package terpan.spool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes on their way from a fast side to a slow one, first in first out: in memory up to a limit, beyond it in an unlinked
 * temporary file. Belongs to its owner's loop thread, which never waits for the disk. The oldest bytes are in {@code ready},
 * then come those on disk, then {@code tail}, the newest, which are written when they are enough. Both callbacks run as tasks
 * of the loop, never inside a call; none after {@link #close}.
 */
public final class Spool {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    /** Bytes that are worth a write. */
    private static final int WRITE_LEAST = 2 * Block.SIZE;

    /** Most bytes in memory waiting for the disk before the producer shall pause. */
    static final int BACKLOG_MOST = 16 * Block.SIZE;

    /** The same where memory is dear. */
    private static final int BACKLOG_LEAST = 2 * Block.SIZE;

    /** Bytes that are read at a time. */
    private static final int READ = 4 * Block.SIZE;

    private final SpoolSpace space;
    private final Share share;
    private final Executor loop;
    private final Runnable moreToTake;
    private final Runnable mayAppendAgain;
    private final Runnable waitsForRoom;
    private final Runnable onSpace = this::spaceFreed;
    private Runnable onWaiting = () -> {};

    private final BlockQueue ready;
    private final BlockQueue tail;
    private @Nullable Disk disk;

    private long appended;
    private int writingBytes;

    /** Bytes on disk or given to be written, and not yet read back. */
    private long diskBytes;

    /** Room on disk that is kept for what will be appended. */
    private long promised;

    private int readingBytes;
    private boolean starved;
    private boolean paused;
    private boolean hungry;
    private boolean finished;
    private boolean closed;
    private @Nullable IOException failure;

    /**
     * @param loop runs tasks on the owner's thread
     * @param moreToTake runs when {@link #take} gave 0, bytes were on disk, and some are at hand now; and after a failure
     * @param mayAppendAgain runs when {@link #mayAppend} had said to pause and that is over; and after a failure
     */
    public Spool(SpoolSpace space, Executor loop, Runnable moreToTake, Runnable mayAppendAgain) {
        this(space, Share.NONE, loop, moreToTake, mayAppendAgain, () -> {});
    }

    /**
     * For what has a worker at one end, which can wait: it holds its share of the room at most. Otherwise as the constructor.
     *
     * @param waitsForRoom runs whenever there is no room on disk for what was appended, sometimes within a call
     */
    public static Spool ofAnswer(
            SpoolSpace space, Executor loop, Runnable moreToTake, Runnable mayAppendAgain, Runnable waitsForRoom) {
        return new Spool(space, space.answerShare(), loop, moreToTake, mayAppendAgain, waitsForRoom);
    }

    private Spool(
            SpoolSpace space,
            Share share,
            Executor loop,
            Runnable moreToTake,
            Runnable mayAppendAgain,
            Runnable waitsForRoom) {
        this.waitsForRoom = waitsForRoom;
        this.space = space;
        this.share = share;
        this.loop = loop;
        this.moreToTake = moreToTake;
        this.mayAppendAgain = mayAppendAgain;
        this.ready = new BlockQueue(space.blocks(), true);
        this.tail = new BlockQueue(space.blocks(), false);
    }

    /**
     * Appends bytes; all are taken over, except after a failure or {@link #close}, when they are dropped.
     *
     * @return {@link #mayAppend} afterwards; false: pause until {@code mayAppendAgain}
     */
    public boolean append(byte[] bytes, int from, int to) {
        if (finished) {
            throw new IllegalStateException("Bytes were appended to a spool that was finished.");
        }
        if (closed || failure != null) {
            return false;
        }
        appended += to - from;
        if (ready.keeps() && appended > space.memory()) {
            ready.stopKeeping();
        }
        int at = from;
        if (diskBytes == 0 && tail.bytes() == 0) {
            at += Math.min(to - from, Math.max(0, space.memory() - ready.bytes()));
            ready.append(bytes, from, at);
        }
        tail.append(bytes, at, to);
        writeTail();
        return mayAppend();
    }

    /** Whether the producer may go on: not too many bytes wait for the disk, the disk has room, nothing failed. */
    public boolean mayAppend() {
        int backlogMost = space.sparing() ? BACKLOG_LEAST : BACKLOG_MOST;
        boolean may = !closed && failure == null && !starved && tail.bytes() + writingBytes < backlogMost;
        paused |= !may;
        return may;
    }

    /**
     * Keeps room on disk for all that will be appended, so that it need not wait for any.
     *
     * @param bytes how much that will be
     * @return false: there is not so much room
     */
    public boolean promise(long bytes) {
        long room = bytes <= space.memory() ? 0 : bytes - promised;
        if (room > 0 && !space.promise(room)) {
            return false;
        }
        promised += Math.max(0, room);
        return true;
    }

    /** Gives back promised room that is not used yet, down to so many bytes. */
    public void keepPromised(long most) {
        long excess = promised - most;
        if (excess > 0) {
            promised = most;
            space.promiseReturned(excess);
        }
    }

    /** Has an action run when a producer that pauses does so for want of room since, or still does though some more found room. */
    public void onWaiting(Runnable action) {
        onWaiting = action;
    }

    /** Whether it waits for room on disk that others have. */
    public boolean waitsForRoom() {
        return starved;
    }

    /** Bytes on disk, or about to be. */
    public long bytesOnDisk() {
        return diskBytes;
    }

    /** Bytes that {@link #take} can give at once. */
    public int available() {
        return ready.bytes();
    }

    /** Bytes appended and not taken. */
    public long size() {
        return ready.bytes() + diskBytes + tail.bytes();
    }

    /**
     * Takes the oldest bytes.
     *
     * @return how many; 0: none are at hand now. When {@link #size} is not 0, {@code moreToTake} will run
     */
    public int take(byte[] into, int offset, int length) {
        if (ready.bytes() == 0) {
            refill();
        }
        int got = ready.take(into, offset, length);
        refill();
        hungry = got == 0 && size() > 0;
        return got;
    }

    /** Starts again with the first byte that was ever appended; false, and nothing happens, unless it {@link #keeps} all. */
    public boolean rewind() {
        if (!keeps()) {
            return false;
        }
        ready.rewind();
        return true;
    }

    /** Whether everything that was ever appended is kept, to be taken again: not when it is more than memory holds. */
    public boolean keeps() {
        return ready.keeps() && !closed && failure == null;
    }

    /** Tells that nothing more will be appended. */
    public void finish() {
        finished = true;
        keepPromised(tail.bytes());
    }

    /** Whether {@link #finish} was called. */
    public boolean finished() {
        return finished;
    }

    /** Whether everything was appended and taken; never after a failure or {@link #close}. */
    public boolean exhausted() {
        return finished && size() == 0 && failure == null && !closed;
    }

    /** Whether the disk failed: the bytes are lost, and the exchange with them. */
    public boolean failed() {
        return failure != null;
    }

    /** Why the disk failed, if it did. */
    public Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Frees memory and files, at once or when disk work in hand is done. Idempotent. */
    public void close() {
        if (!closed) {
            closed = true;
            drop();
        }
    }

    private void drop() {
        space.forget(onSpace);
        starved(false);
        ready.clear();
        tail.clear();
        diskBytes = 0;
        keepPromised(0);
        if (disk != null) {
            disk.close();
            disk = null;
        }
    }

    /** Brings the next bytes into {@code ready}: from the tail when nothing lies between, else from disk. */
    private void refill() {
        if (diskBytes == 0) {
            while (tail.bytes() > 0 && (ready.bytes() == 0 || ready.bytes() + tail.firstLength() <= space.memory())) {
                ready.addLast(tail.removeFirst());
            }
            if (tail.bytes() < writeLeast()) {
                starved(false);
            }
            tellMayAppend();
            return;
        }
        int piece = space.sparing() ? Block.SMALL : READ;
        if (readingBytes == 0 && ready.bytes() < piece / 2 && disk != null) {
            readingBytes = (int) Math.min(piece, diskBytes);
            disk.read(readingBytes);
        }
    }

    /** Gives the tail to the disk when it is worth it, no write is under way, and the space has room. */
    private void writeTail() {
        if (tail.bytes() < writeLeast() || writingBytes > 0) {
            return;
        }
        if (disk == null && !space.enterDisk(onSpace)) {
            starved(true);
            return;
        }
        Disk writer = disk == null ? new Disk(space, share, loop, new Outcome()) : disk;
        disk = writer;
        ArrayDeque<Block> writing = new ArrayDeque<>();
        int bytes = 0;
        while (tail.bytes() > 0 && hasRoom(tail.firstLength())) {
            bytes += tail.firstLength();
            writing.addLast(tail.removeFirst());
        }
        starved(tail.bytes() > 0);
        if (bytes == 0) {
            return;
        }
        writingBytes = bytes;
        diskBytes += bytes;
        writer.write(writing, bytes);
    }

    private void starved(boolean now) {
        if (now != starved && share != Share.NONE) {
            space.answersWaiting(now ? 1 : -1);
        }
        boolean begins = now && !starved;
        starved = now;
        if (begins) {
            waitsForRoom.run();
        }
    }

    private boolean hasRoom(int bytes) {
        if (promised >= bytes) {
            promised -= bytes;
            space.promiseUsed(bytes);
            return true;
        }
        return space.reserve(bytes, share, onSpace);
    }

    private int writeLeast() {
        return space.sparing() ? Block.SMALL : WRITE_LEAST;
    }

    /** On any thread; a loop that has ended does not need to hear. */
    private void spaceFreed() {
        onLoop(this::tryAgain);
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException ended) {
            LOG.debug("A spool's loop has ended before its disk work");
        }
    }

    private void tryAgain() {
        if (!closed && failure == null) {
            writeMore();
            starved(starved && tail.bytes() >= writeLeast());
            tellMayAppend();
        }
    }

    /** Writes what may be; a producer that pauses hears of it when it is, or still is, for want of room. */
    private void writeMore() {
        boolean before = starved;
        long onDisk = diskBytes;
        writeTail();
        if (paused && starved && (!before || diskBytes != onDisk)) {
            tell(onWaiting);
        }
    }

    private void tellMayAppend() {
        if (paused && mayAppend()) {
            paused = false;
            tell(mayAppendAgain);
        }
    }

    private void tell(Runnable callback) {
        onLoop(() -> {
            if (!closed) {
                callback.run();
            }
        });
    }

    /** What the disk reports, on the loop. */
    private final class Outcome implements Disk.Observer {
        @Override
        public void written(int bytes) {
            writingBytes = 0;
            if (!closed && failure == null) {
                writeMore();
                tellMayAppend();
            }
        }

        @Override
        public void read(ArrayDeque<Block> blocks, int bytes) {
            if (closed || failure != null) {
                space.blocks().giveBackAll(blocks);
                return;
            }
            readingBytes = 0;
            diskBytes -= bytes;
            blocks.forEach(ready::addLast);
            if (hungry) {
                hungry = false;
                moreToTake.run();
            }
        }

        @Override
        public void failed(IOException cause) {
            if (closed || failure != null) {
                return;
            }
            failure = cause;
            drop();
            tell(moreToTake);
            tell(mayAppendAgain);
        }
    }
}
