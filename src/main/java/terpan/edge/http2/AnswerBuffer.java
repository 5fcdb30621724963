package terpan.edge.http2;

import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.edge.FileInput;
import terpan.http2.AnswerSource;
import terpan.http2.Http2Stream;
import terpan.loop.BufferPool;
import terpan.spool.Spool;

/**
 * What waits of one answer's body until windows and the connection have room for it, in order: a buffer, then a spool for what the client
 * does not take at once, then a piece of a file. Belongs to the loop's thread.
 */
final class AnswerBuffer implements AnswerSource {
    private static final byte[] NONE = new byte[0];

    /** Bytes of one answer that wait in a buffer where memory is tight. */
    private static final int TIGHT_MOST = 4 * 1024;

    private final Edge edge;
    private final Http2Stream stream;
    private final Runnable moreToTake;
    private final Runnable mayAppendAgain;
    private final Runnable waitsForRoom;
    private AnswerMemory memory;
    private byte[] buffer = NONE;
    private int start;
    private int end;
    private @Nullable Spool spool;
    private @Nullable FileInput file;
    private int filePiece;
    private boolean ended;
    private long taken;
    private @Nullable Runnable whenEmpty;

    /**
     * @param stream whose answer it is
     * @param memory of the connection that the stream belongs to
     * @param moreToTake runs when bytes are at hand that were not, and after a failure
     * @param mayAppendAgain runs when {@link #mayAppend} had said no and that is over
     * @param waitsForRoom runs when there is no room on disk for what was appended
     */
    AnswerBuffer(
            Edge edge,
            Http2Stream stream,
            AnswerMemory memory,
            Runnable moreToTake,
            Runnable mayAppendAgain,
            Runnable waitsForRoom) {
        this.edge = edge;
        this.stream = stream;
        this.memory = memory;
        this.moreToTake = moreToTake;
        this.mayAppendAgain = mayAppendAgain;
        this.waitsForRoom = waitsForRoom;
    }

    /** Its stream belongs to another connection, with memory of its own; nothing waits. */
    void on(AnswerMemory other) {
        memory = other;
    }

    void append(byte[] bytes, int from, int to) {
        int pending = end - start;
        int filled = pending + to - from;
        boolean overflows = edge.buffers.isTight()
                ? filled > TIGHT_MOST
                : filled > BufferPool.BYTES && pending > 0 && filled > memory.forEach();
        if (spooling() || overflows) {
            toSpool(bytes, from, to);
            return;
        }
        reserve(to - from);
        System.arraycopy(bytes, from, buffer, end, to - from);
        end += to - from;
    }

    private void toSpool(byte[] bytes, int from, int to) {
        Spool target = spool;
        if (target == null) {
            target = Spool.ofAnswer(edge.spoolSpace, edge.loop, moreToTake, mayAppendAgain, waitsForRoom);
            spool = target;
            edge.metrics.answerSpooled();
        }
        target.append(bytes, from, to);
    }

    private void reserve(int count) {
        int pending = end - start;
        if (buffer.length - end >= count) {
            return;
        }
        byte[] target = buffer;
        if (buffer.length - pending < count) {
            int size = Math.max(buffer.length * 2, pending + count);
            target = memory.take(size);
        }
        System.arraycopy(buffer, start, target, 0, pending);
        if (target != buffer) {
            giveBack();
            buffer = target;
        }
        start = 0;
        end = pending;
    }

    private void giveBack() {
        if (buffer.length > 0) {
            memory.giveBack(buffer);
            buffer = NONE;
        }
    }

    /** What waits will wait on: it holds no whole buffer for a few bytes. */
    void trim() {
        int pending = end - start;
        if (pending > 0 && buffer.length == BufferPool.BYTES && pending <= BufferPool.BYTES / 2) {
            byte[] target = edge.buffers.take(pending);
            memory.count(pending);
            System.arraycopy(buffer, start, target, 0, pending);
            giveBack();
            buffer = target;
            start = 0;
            end = pending;
        }
    }

    /** A piece of a file comes behind all else. */
    void file(FileChannel channel, long position, long length) {
        filePiece = (int) Math.min(length, memory.filePiece());
        memory.count(filePiece);
        file = new FileInput(edge, channel, position, length, filePiece, moreToTake);
    }

    /** Runs the action each time that all in memory was taken, until it is closed. */
    void whenEmpty(Runnable action) {
        whenEmpty = action;
    }

    /** Nothing more comes. */
    void end() {
        ended = true;
    }

    private boolean spooling() {
        Spool used = spool;
        return used != null && used.size() > 0;
    }

    /** Whether the producer may go on; when not, it hears of it once it may. */
    boolean mayAppend() {
        return edge.mayAppend(spool, end - start, mayAppendAgain);
    }

    /** Whether what waits can not be read back. */
    boolean failed() {
        Spool used = spool;
        FileInput reading = file;
        return (used != null && used.failed()) || (reading != null && reading.failure() != null);
    }

    /** Whether nothing waits. */
    boolean isEmpty() {
        FileInput reading = file;
        return start == end && !spooling() && (reading == null || reading.remaining() == 0);
    }

    /** Bytes that have left for the connection. */
    long taken() {
        return taken;
    }

    @Override
    public int available() {
        if (start < end) {
            return end - start;
        }
        Spool used = spool;
        if (used != null && used.size() > 0) {
            if (used.available() == 0) {
                used.take(NONE, 0, 0); // has it bring some, and tell
            }
            return used.available();
        }
        FileInput reading = file;
        if (reading == null || failed()) {
            return 0;
        }
        if (reading.remaining() > 0 && stream.isHeldUp()) {
            return 1; // there is some, which is read once the client takes it
        }
        return reading.available();
    }

    @Override
    public int take(byte[] into, int at, int most) {
        int count = takeSome(into, at, most);
        taken += count;
        return count;
    }

    private int takeSome(byte[] into, int at, int most) {
        if (start < end) {
            int count = Math.min(most, end - start);
            System.arraycopy(buffer, start, into, at, count);
            start += count;
            if (start == end) {
                start = 0;
                end = 0;
                giveBack();
                if (whenEmpty != null) {
                    whenEmpty.run();
                }
            }
            return count;
        }
        Spool used = spool;
        if (used != null && used.size() > 0) {
            return used.take(into, at, most);
        }
        FileInput reading = file;
        if (reading == null) {
            return 0;
        }
        int count = Math.min(most, reading.available());
        System.arraycopy(reading.bytes(), reading.start(), into, at, count);
        reading.used(count);
        return count;
    }

    @Override
    public boolean last() {
        if (!ended || failed()) {
            return false;
        }
        Spool used = spool;
        FileInput reading = file;
        long waiting = end - start + (used == null ? 0 : used.size()) + (reading == null ? 0 : reading.remaining());
        return waiting == 0 || waiting == available();
    }

    /** Drops what waits; another answer may begin. */
    void close() {
        edge.waitsNoLonger(mayAppendAgain);
        giveBack();
        start = 0;
        end = 0;
        ended = false;
        whenEmpty = null;
        taken = 0;
        Spool used = spool;
        spool = null;
        if (used != null) {
            used.close();
        }
        FileInput reading = file;
        file = null;
        if (reading != null) {
            memory.count(-filePiece);
            reading.close();
        }
    }
}
