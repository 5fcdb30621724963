package terpan.edge.http1;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import terpan.edge.Edge;
import terpan.edge.files.PartsFile;
import terpan.loop.Wire;

/**
 * A piece of a file on its way to a client, by the kernel's own copy. The transfer runs on a disk thread, for it may wait for the
 * disk; the loop's thread starts it, hears of its end, and touches the socket in no other way meanwhile: it does not even close it.
 */
final class FileSending implements FilePiece {
    private static final long PIECE = 1 << 20;

    /** As much as the loop sends itself in a turn. */
    private static final long WARM_PIECE = 1 << 19;

    /** Whose turn it is, where the two threads have to agree. */
    private enum Turn {
        RESTING,
        QUEUED,
        MOVING,
        CLOSED
    }

    private final Edge edge;
    private final Wire wire;
    private final FileChannel file;
    private long position;
    private long remaining;
    private long sent;
    private final AtomicReference<Turn> turn = new AtomicReference<>(Turn.RESTING);
    private boolean running;
    private boolean closed;
    private boolean blocked;
    private @Nullable IOException failure;

    FileSending(Edge edge, Wire wire, FileChannel file, long position, long length) {
        this.edge = edge;
        this.wire = wire;
        this.file = file;
        this.position = position;
        this.remaining = length;
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
        if (remaining == 0) {
            return true;
        }
        if (running) {
            return false;
        }
        if (blocked) {
            blocked = false;
            wire.awaitWritable(true);
            return false;
        }
        if (file instanceof PartsFile parts && parts.isWarm(edge.loop.now())) {
            return advanceHere();
        }
        wire.awaitWritable(false);
        running = true;
        turn.set(Turn.QUEUED);
        long from = position;
        long piece = Math.min(remaining, PIECE);
        edge.disk.execute(() -> transfer(from, piece));
        return false;
    }

    /** Without the way to another thread and back, which costs as much as a file of some ten KiB. */
    private boolean advanceHere() throws IOException {
        long piece = Math.min(remaining, WARM_PIECE);
        long count;
        try {
            count = wire.transferFrom(file, position, piece);
        } catch (IOException failed) {
            failure = failed;
            throw failed;
        }
        position += count;
        remaining -= count;
        sent += count;
        wire.awaitWritable(count < piece);
        if (remaining > 0 && count == piece) {
            wire.flushLater(); // others have their turn
        }
        return remaining == 0;
    }

    private void transfer(long from, long piece) {
        if (!turn.compareAndSet(Turn.QUEUED, Turn.MOVING)) {
            return; // closed before it began
        }
        long count = 0;
        IOException reason = null;
        try {
            count = wire.transferFrom(file, from, piece);
            if (count == 0 && from >= file.size()) {
                reason = new IOException("the file became shorter than the answer that was announced");
            }
        } catch (IOException failed) {
            reason = failed;
        } catch (RuntimeException fault) {
            reason = new IOException("sending a file failed", fault);
        }
        long taken = count;
        IOException told = reason;
        edge.loop.execute(() -> transferred(taken, piece, told));
    }

    private void transferred(long count, long piece, @Nullable IOException reason) {
        running = false;
        if (closed) {
            wire.letGo();
            edge.closeFile(file);
            return;
        }
        position += count;
        remaining -= count;
        sent += count;
        failure = reason;
        blocked = count < piece;
        wire.flushLater();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!running || turn.compareAndSet(Turn.QUEUED, Turn.CLOSED)) {
            edge.closeFile(file);
        } else {
            wire.hold();
        }
    }
}
