package terpan.coding;

import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** gzip (RFC 1952), by the JDK's own library. */
final class GzipEncoder implements BodyEncoder {
    /** Deflate, no flags, no time, no extra flags, of an unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private static final int TRAILER = 8;

    private final Deflater deflater;
    private final CRC32 checksum = new CRC32();
    private final byte[] scratch;
    private boolean begun;

    GzipEncoder(int level, byte[] scratch) {
        this.deflater = new Deflater(level, true);
        this.scratch = scratch;
    }

    @Override
    public void write(byte[] bytes, int from, int to, boolean flush, Out out) {
        begin(out);
        checksum.update(bytes, from, to - from);
        deflater.setInput(bytes, from, to - from);
        int mode = flush ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        int length;
        do {
            length = deflater.deflate(scratch, 0, scratch.length, mode);
            give(length, out);
        } while (length == scratch.length || !deflater.needsInput());
    }

    private void begin(Out out) {
        if (!begun) {
            begun = true;
            out.coded(HEADER, 0, HEADER.length);
        }
    }

    private void give(int length, Out out) {
        if (length > 0) {
            out.coded(scratch, 0, length);
        }
    }

    @Override
    public void end(Out out) {
        begin(out);
        long length = deflater.getBytesRead();
        deflater.finish();
        while (!deflater.finished()) {
            give(deflater.deflate(scratch, 0, scratch.length), out);
        }
        number(checksum.getValue(), 0);
        number(length, TRAILER / 2);
        out.coded(scratch, 0, TRAILER);
    }

    /** Four bytes, the lowest first. */
    private void number(long value, int at) {
        for (int i = 0; i < TRAILER / 2; i++) {
            scratch[at + i] = (byte) (value >>> (Byte.SIZE * i));
        }
    }

    @Override
    public boolean reset() {
        deflater.reset();
        checksum.reset();
        begun = false;
        return true;
    }

    @Override
    public void close() {
        deflater.end();
    }
}
