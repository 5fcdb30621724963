package terpan.edge.http1;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.loop.BufferPool;
import terpan.loop.Wire;
import terpan.spool.Spool;

/**
 * What waits to be sent to one client, in order: a buffer, then a spool for what the client does not take at once, then a piece
 * of a file. The buffer comes from the loop's pool and goes back when it is empty. Belongs to the loop's thread.
 */
final class Output {
    private static final byte[] NONE = new byte[0];

    /** Bytes that are taken from the spool at a time, at least. */
    private static final int FROM_SPOOL = 4 * 1024;

    private final Edge edge;
    private final Wire wire;
    private final Runnable mayAppendAgain;
    private final Runnable waitsForRoom;
    private byte[] buffer = NONE;
    private int start;
    private int end;
    private boolean blocked;
    private @Nullable Spool spool;
    private @Nullable FilePiece file;
    private long sent;

    Output(Edge edge, Wire wire, Runnable mayAppendAgain, Runnable waitsForRoom) {
        this.waitsForRoom = waitsForRoom;
        this.edge = edge;
        this.wire = wire;
        this.mayAppendAgain = mayAppendAgain;
    }

    /** Room for {@code count} bytes in the buffer; only for heads and framing, which are bounded. */
    byte[] reserve(int count) {
        if (buffer.length == 0) {
            buffer = edge.buffers.takeSome(count);
        }
        if (buffer.length - end < count) {
            int pending = end - start;
            byte[] target = buffer;
            if (buffer.length - pending < count) {
                target = edge.buffers.take(Math.max(buffer.length * 2, pending + count));
            }
            System.arraycopy(buffer, start, target, 0, pending);
            if (target != buffer) {
                edge.buffers.giveBack(buffer);
                buffer = target;
            }
            start = 0;
            end = pending;
        }
        return buffer;
    }

    /** Where the next byte goes in the array that {@link #reserve} gave. */
    int end() {
        return end;
    }

    void advance(int newEnd) {
        end = newEnd;
    }

    /** How many bytes were given to the kernel or stand in the buffer, since the connection began. */
    long position() {
        return sent + end - start;
    }

    /** Takes back everything behind {@code position}; false when some of it was sent, or waits behind the buffer. */
    boolean takeBack(long position) {
        if (sent > position || spool != null || file != null) {
            return false;
        }
        end = start + (int) (position - sent);
        return true;
    }

    void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    /** Puts framing or a small text into the buffer, or behind what waits in the spool. */
    void put(byte[] bytes, int from, int to) {
        if (spooling()) {
            append(bytes, from, to);
            return;
        }
        reserve(to - from);
        System.arraycopy(bytes, from, buffer, end, to - from);
        end += to - from;
    }

    /** Appends a piece of a body, wherever there is room for it. */
    void append(byte[] bytes, int first, int to) {
        int from = first;
        if (to - from > BufferPool.SMALL && edge.buffers.isTight()) {
            from = sendAtOnce(bytes, from, to);
            if (from == to) {
                return;
            }
        }
        if (!spooling() && overflows(to - from) && !blocked) {
            sendBuffer();
        }
        boolean overflows = overflows(to - from);
        if (!spooling() && !overflows) {
            reserve(to - from);
            System.arraycopy(bytes, from, buffer, end, to - from);
            end += to - from;
            return;
        }
        Spool target = spool;
        if (target == null) {
            target = Spool.ofAnswer(edge.spoolSpace, edge.loop, wire::flushLater, mayAppendAgain, waitsForRoom);
            spool = target;
            edge.metrics.answerSpooled();
        }
        target.append(bytes, from, to);
    }

    /** Whether there would be more in the buffer than a client may have there. */
    private boolean overflows(int more) {
        int filled = end - start + more;
        if (blocked && edge.buffers.isTight()) {
            return filled > BufferPool.SMALL;
        }
        return filled > BufferPool.BYTES && end > start && filled > edge.memoryForEach();
    }

    /** Sends what the kernel takes without keeping it, where memory is tight; the first byte that it did not take. */
    private int sendAtOnce(byte[] bytes, int from, int to) {
        if (start < end && !spooling() && !blocked) {
            sendBuffer();
        }
        if (start < end || spooling() || blocked) {
            return from;
        }
        try {
            int count = wire.send(bytes, from, to - from);
            sent += count;
            blocked = count < to - from;
            return from + count;
        } catch (IOException gone) {
            blocked = true; // the next flush meets it again, as of the buffer
            return from;
        }
    }

    /** Puts a piece of a file behind everything else. */
    void file(FileChannel channel, long position, long length) {
        file = wire.secure()
                ? new FileReading(edge, wire, channel, position, length)
                : new FileSending(edge, wire, channel, position, length);
    }

    private boolean spooling() {
        Spool used = spool;
        return used != null && used.size() > 0;
    }

    /** Whether the producer may go on; when not, it hears of it once it may. */
    boolean mayAppend() {
        return edge.mayAppend(spool, end - start, mayAppendAgain);
    }

    /** Whether what waits for the client can not be read back. */
    boolean failed() {
        Spool used = spool;
        FilePiece sending = file;
        return (used != null && used.failed()) || (sending != null && sending.failed());
    }

    boolean isEmpty() {
        return start == end && !spooling() && file == null;
    }

    /** Bytes given to the kernel since the connection began. */
    long sent() {
        FilePiece sending = file;
        return sent + (sending == null ? 0 : sending.sent());
    }

    private void sendBuffer() {
        try {
            sendSome();
        } catch (IOException gone) {
            // The next flush meets it again, where it can be acted upon.
            blocked = true;
        }
    }

    private void sendSome() throws IOException {
        int count = wire.send(buffer, start, end - start);
        start += count;
        sent += count;
        blocked = start < end;
    }

    /**
     * Sends what the kernel takes.
     *
     * @return whether nothing waits any more
     * @throws IOException the client is gone, or what waited for it can not be read back
     */
    boolean flush() throws IOException {
        boolean empty = flushAll();
        if (failed()) {
            throw new IOException("what waited for the client can not be read back");
        }
        return empty;
    }

    private boolean flushAll() throws IOException {
        blocked = false;
        while (true) {
            if (start < end) {
                sendSome();
                if (blocked) {
                    wire.awaitWritable(true);
                    return false;
                }
            }
            start = 0;
            end = 0;
            Spool used = spool;
            if (used == null || used.size() == 0) {
                break;
            }
            reserve(FROM_SPOOL);
            end = used.take(buffer, 0, buffer.length);
            if (end == 0) {
                wire.awaitWritable(false);
                return false;
            }
        }
        release();
        FilePiece sending = file;
        if (sending != null && !sending.advance()) {
            return false;
        }
        if (sending != null) {
            sent += sending.sent();
            sending.close();
            file = null;
        }
        return wire.sentAll();
    }

    private void release() {
        if (buffer.length > 0) {
            edge.buffers.giveBack(buffer);
            buffer = NONE;
        }
        start = 0;
        end = 0;
    }

    /** The answer is over: the spool's file is not wanted any more. */
    void answerOver() {
        Spool used = spool;
        spool = null;
        if (used != null) {
            used.close();
        }
    }

    /** The connection is about to be cut: no file is sent any more. */
    void stopFile() {
        FilePiece sending = file;
        if (sending != null) {
            sending.close();
        }
    }

    /** Drops everything; before the wire is closed. */
    void close() {
        edge.waitsNoLonger(mayAppendAgain);
        release();
        answerOver();
        FilePiece sending = file;
        file = null;
        if (sending != null) {
            sending.close();
        }
    }
}
