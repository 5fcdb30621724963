package terpan.edge.http1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.loop.BufferPool;
import terpan.loop.Wire;

/**
 * A piece of a file on its way to a client whose wire the kernel can not fill by itself. It is read on a disk thread, a buffer at a time,
 * and sent by the loop's thread, to which everything else here belongs.
 */
final class FileReading implements FilePiece {
    private static final int PIECE = 8 * BufferPool.BYTES;

    private final Edge edge;
    private final Wire wire;
    private final FileChannel file;
    private final byte[] buffer;
    private long position;
    private long remaining;
    private int start;
    private int end;
    private long sent;
    private boolean running;
    private boolean closed;
    private @Nullable IOException failure;

    FileReading(Edge edge, Wire wire, FileChannel file, long position, long length) {
        this.edge = edge;
        this.wire = wire;
        this.file = file;
        this.position = position;
        this.remaining = length;
        this.buffer = length <= BufferPool.BYTES ? edge.buffers.take() : edge.buffers.take(PIECE);
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public boolean failed() {
        return failure != null;
    }

    @Override
    public boolean advance() throws IOException {
        IOException reason = failure;
        if (reason != null) {
            throw reason;
        }
        if (running) {
            return false;
        }
        if (start < end) {
            int count = wire.send(buffer, start, end - start);
            start += count;
            sent += count;
        }
        wire.awaitWritable(start < end);
        if (start < end) {
            return false;
        }
        if (remaining == 0) {
            return true;
        }
        running = true;
        long from = position;
        int piece = (int) Math.min(remaining, buffer.length);
        edge.disk.execute(() -> read(from, piece));
        return false;
    }

    private void read(long from, int piece) {
        int count = 0;
        IOException reason = null;
        try {
            count = file.read(ByteBuffer.wrap(buffer, 0, piece), from);
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
        start = 0;
        end = count;
        position += count;
        remaining -= count;
        failure = reason;
        wire.flushLater();
    }

    @Override
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
        edge.buffers.giveBack(buffer);
        edge.closeFile(file);
    }
}
