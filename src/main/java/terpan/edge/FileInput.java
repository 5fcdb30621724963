package terpan.edge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.edge.files.PartsFile;
import terpan.loop.BufferPool;

/**
 * A piece of a file that is read on a disk thread, a buffer at a time, for a client whom the kernel cannot send it by itself. All else
 * belongs to the loop's thread.
 */
public final class FileInput {
    private static final int PIECE = 8 * BufferPool.BYTES;
    private static final byte[] NONE = new byte[0];

    private final Edge edge;
    private final FileChannel file;
    private final Runnable moreToTake;
    private final int piece;
    private byte[] buffer = NONE;
    private long position;
    private long unread;
    private int start;
    private int end;
    private boolean running;
    private boolean closed;
    private @Nullable IOException failure;

    /**
     * @param moreToTake runs on the loop when bytes are at hand, and after a failure
     */
    public FileInput(Edge edge, FileChannel file, long position, long length, Runnable moreToTake) {
        this(edge, file, position, length, PIECE, moreToTake);
    }

    /**
     * The same for one that has less memory.
     *
     * @param most bytes that are read at a time, and held from the first read on
     */
    public FileInput(Edge edge, FileChannel file, long position, long length, int most, Runnable moreToTake) {
        this.edge = edge;
        this.file = file;
        this.position = position;
        this.unread = length;
        this.moreToTake = moreToTake;
        this.piece = length <= BufferPool.BYTES ? BufferPool.BYTES : most;
    }

    /** Why it cannot be read to its end; null while it can. */
    public @Nullable IOException failure() {
        return failure;
    }

    /** Where the bytes at hand are, {@link #available} of them from {@link #start} on. */
    public byte[] bytes() {
        return buffer;
    }

    public int start() {
        return start;
    }

    /** Bytes at hand; when there are none, and more are to come, they are read. */
    public int available() {
        if (start == end && unread > 0 && !running && failure == null && !closed) {
            running = true;
            long from = position;
            if (buffer.length == 0) {
                buffer = edge.buffers.take(piece);
            }
            byte[] into = buffer;
            int count = (int) Math.min(unread, into.length);
            if (file instanceof PartsFile parts && parts.isWarm(edge.loop.now())) {
                readHere(into, from, count);
            } else {
                edge.disk.execute(() -> read(into, from, count));
            }
        }
        return end - start;
    }

    /** So many of the bytes at hand are not needed any more. */
    public void used(int count) {
        start += count;
    }

    /** Bytes that were not used yet, at hand or not. */
    public long remaining() {
        return unread + end - start;
    }

    /** Where that waits for no disk. */
    private void readHere(byte[] into, long from, int most) {
        running = false;
        try {
            int read = file.read(ByteBuffer.wrap(into, 0, most), from);
            if (read > 0) {
                take(read);
            } else {
                failure = new IOException("the file became shorter than the answer that was announced");
            }
        } catch (IOException failed) {
            failure = failed;
        }
        if (failure != null) {
            edge.loop.execute(moreToTake);
        }
    }

    private void take(int count) {
        start = 0;
        end = count;
        position += count;
        unread -= count;
    }

    private void read(byte[] into, long from, int most) {
        int count = 0;
        IOException reason = null;
        try {
            count = file.read(ByteBuffer.wrap(into, 0, most), from);
            if (count <= 0) {
                reason = new IOException("the file became shorter than the answer that was announced");
            }
        } catch (IOException failed) {
            reason = failed;
        } catch (RuntimeException fault) {
            reason = new IOException("reading a file failed", fault);
        }
        int taken = Math.max(0, count);
        IOException told = reason;
        edge.loop.execute(() -> wasRead(taken, told));
    }

    private void wasRead(int count, @Nullable IOException reason) {
        running = false;
        if (closed) {
            release();
            return;
        }
        take(count);
        failure = reason;
        moreToTake.run();
    }

    /** Nothing is wanted of it any more; idempotent. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!running) {
            release();
        }
    }

    private void release() {
        if (buffer.length > 0) {
            edge.buffers.giveBack(buffer);
            buffer = NONE;
        }
        edge.closeFile(file);
    }
}
