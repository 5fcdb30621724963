package terpan.coding;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;

/** Zstandard (RFC 8878), with a window that is far below what RFC 9659 allows. */
final class ZstdEncoder implements BodyEncoder {
    /** 256 KiB: more finds little in what is served, and each has that much memory, and each client. */
    private static final int WINDOW_LOG = 18;

    private final ZstdCompressCtx context = new ZstdCompressCtx();
    private final ByteBuffer in;
    private final ByteBuffer coded;
    private final byte[] scratch;
    private final int level;

    /**
     * An encoder.
     *
     * @param in outside of the heap, as the library wants it; used by all of a thread's in turn
     * @param coded the same for what comes out, no larger than the scratch
     */
    ZstdEncoder(int level, ByteBuffer in, ByteBuffer coded, byte[] scratch) {
        this.level = level;
        this.in = in;
        this.coded = coded;
        this.scratch = scratch;
        set();
    }

    private void set() {
        context.setLevel(level);
        context.setWindowLog(WINDOW_LOG);
    }

    @Override
    public void write(byte[] bytes, int from, int to, boolean flush, Out out) {
        for (int at = from; at < to; ) {
            int length = Math.min(to - at, in.capacity());
            in.clear().put(bytes, at, length).flip();
            at += length;
            step(at == to && flush ? EndDirective.FLUSH : EndDirective.CONTINUE, out);
        }
    }

    private void step(EndDirective how, Out out) {
        boolean done;
        do {
            coded.clear();
            done = context.compressDirectByteBufferStream(coded, in, how);
            int length = coded.flip().remaining();
            coded.get(scratch, 0, length);
            if (length > 0) {
                out.coded(scratch, 0, length);
            }
        } while (how == EndDirective.CONTINUE ? in.hasRemaining() : !done);
    }

    @Override
    public void end(Out out) {
        in.clear().flip();
        step(EndDirective.END, out);
    }

    @Override
    public boolean reset() {
        context.reset();
        set();
        return true;
    }

    @Override
    public void close() {
        context.close();
    }
}
