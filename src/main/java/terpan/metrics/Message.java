package terpan.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A message of Protocol Buffers as it is put together, field by field (protobuf.dev, "Encoding"). Rejected: its library, which has a hundred
 * times the size of what a scrape needs of it.
 */
final class Message {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH = 2;
    private static final int MORE = 0x80;
    private static final int SEVEN = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A field of type uint32, uint64 or of an enum. */
    Message number(int field, long value) {
        tag(field, VARINT);
        varint(bytes, value);
        return this;
    }

    /** A field of type sint32 or sint64. */
    Message signed(int field, long value) {
        return number(field, zigzag(value));
    }

    /** A field of type double. */
    Message real(int field, double value) {
        tag(field, EIGHT_BYTES);
        long bits = Double.doubleToRawLongBits(value);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bytes.write((int) (bits >>> shift));
        }
        return this;
    }

    /** A field of type string. */
    Message text(int field, String value) {
        return piece(field, value.getBytes(UTF_8));
    }

    /** A field that is a message. */
    Message message(int field, Message value) {
        return piece(field, value.bytes.toByteArray());
    }

    /** A packed field of several sint64; none where there are no values. */
    Message packed(int field, List<Long> values) {
        if (values.isEmpty()) {
            return this;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        values.forEach(value -> varint(all, zigzag(value)));
        return piece(field, all.toByteArray());
    }

    /** Writes it behind its length. */
    void writeDelimited(OutputStream out) throws IOException {
        ByteArrayOutputStream length = new ByteArrayOutputStream();
        varint(length, bytes.size());
        length.writeTo(out);
        bytes.writeTo(out);
    }

    private Message piece(int field, byte[] value) {
        tag(field, LENGTH);
        varint(bytes, value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void tag(int field, int type) {
        varint(bytes, (long) field << 3 | type);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long left = value;
        while ((left & -MORE) != 0) {
            out.write((int) left & (MORE - 1) | MORE);
            left >>>= SEVEN;
        }
        out.write((int) left);
    }

    /** So that small numbers are short, whatever their sign. */
    private static long zigzag(long value) {
        return value << 1 ^ value >> Long.SIZE - 1;
    }
}
