package terpan.link.nativelink;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import terpan.loop.Wire;

/** Puts the worker's bytes together to frames, in one array that grows only as bytes come. Belongs to the link's thread. */
final class NativeInput {
    static final int BATCH = 0;
    static final int HEAD = 1;
    static final int CHUNK = 2;
    static final int END = 3;
    static final int ABORT = 4;
    static final int RETURNED = 5;
    static final int BODY_CREDIT = 6;
    static final int FILE = 7;
    static final int HINTS = 8;

    /** Longest frame, without its length field. */
    static final int FRAME_MOST = 16 * 1024 * 1024;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int USUAL = 64 * 1024;

    byte[] bytes = new byte[USUAL];

    /** The payload of the frame that {@link #next} found. */
    int start;

    int end;

    int kind;

    private int read;
    private int filled;

    /**
     * Receives once.
     *
     * @return bytes received; 0 when there was nothing; -1 at the end of the stream
     */
    int receive(Wire wire) throws IOException {
        int received = wire.receive(bytes, filled, bytes.length - filled);
        filled += Math.max(received, 0);
        return received;
    }

    /** Whether the last receive left no room, so that more may be waiting. */
    boolean full() {
        return filled == bytes.length;
    }

    /** Finds the next whole frame. */
    boolean next() throws MarshalException {
        if (filled - read < 4) {
            return false;
        }
        int length = intAt(read);
        if (length < 1 || length > FRAME_MOST) {
            throw new MarshalException(
                    "a frame of " + (length & 0xffffffffL) + " bytes, 1 to " + FRAME_MOST + " expected");
        }
        if (filled - read - 4 < length) {
            return false;
        }
        kind = bytes[read + 4] & 0xff;
        start = read + 5;
        end = read + 4 + length;
        read = end;
        return true;
    }

    /** Makes room for the next receive once no frame is left. */
    void settle() {
        int left = filled - read;
        int wanted = left < 4 ? USUAL : Math.max(USUAL, intAt(read) + 4);
        if (left == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(wanted, bytes.length * 2));
        } else if (bytes.length > USUAL && left == 0) {
            bytes = new byte[USUAL];
        } else if (read > 0) {
            System.arraycopy(bytes, read, bytes, 0, left);
        }
        read = 0;
        filled = left;
    }

    int intAt(int at) {
        return (int) INTS.get(bytes, at);
    }

    long longAt(int at) {
        return (long) LONGS.get(bytes, at);
    }

    /** The payload's length has to be that. */
    void require(int length) throws MarshalException {
        if (end - start != length) {
            throw new MarshalException("a frame of kind " + kind + " with " + (end - start) + " bytes of payload, "
                    + length + " expected");
        }
    }

    /** The payload's length has to be that at least. */
    void requireLeast(int length) throws MarshalException {
        if (end - start < length) {
            throw new MarshalException("a frame of kind " + kind + " with " + (end - start) + " bytes of payload, "
                    + length + " at least expected");
        }
    }
}
