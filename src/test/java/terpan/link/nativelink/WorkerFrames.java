package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Frames as the worker sends them (marshal version 2), and the worker's way of taking the front's frames apart. */
final class WorkerFrames {
    /** A frame of the front: its kind and its payload. */
    record Frame(int kind, ByteBuffer payload) {
        int id() {
            return payload.getInt(0);
        }

        int second() {
            return payload.getInt(4);
        }

        byte[] bytes() {
            byte[] bytes = new byte[payload.limit()];
            payload.get(0, bytes);
            return bytes;
        }
    }

    private WorkerFrames() {}

    static byte[] frame(int kind, byte[] payload) {
        return ByteBuffer.allocate(5 + payload.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(payload.length + 1)
                .put((byte) kind)
                .put(payload)
                .array();
    }

    static byte[] batch(byte[]... tuples) {
        return frame(
                0,
                joined(
                        joined(joined(new byte[] {'['}, int32(tuples.length + 1)), joined(new byte[] {'i'}, int32(0))),
                        joined(tuples)));
    }

    /** {@code fields}: name, value, name, value... */
    static byte[] answer(int id, String status, String body, String... fields) {
        return joined(tuple(4), integer(id), text(status), fields(fields), bytes(body.getBytes(UTF_8)));
    }

    /** One with a field of the worker's own behind it. */
    static byte[] answerWith(byte[] own, int id, String status, String body, String... fields) {
        return joined(tuple(5), integer(id), text(status), fields(fields), bytes(body.getBytes(UTF_8)), bytes(own));
    }

    /** A head with such a field. */
    static byte[] headWith(byte[] own, int id, String status, int length, String... fields) {
        byte[] value = joined(tuple(4), text(status), fields(fields), integer(length), bytes(own));
        return frame(1, joined(int32(id), new byte[1], value));
    }

    static byte[] head(int id, String status, int length, String... fields) {
        return frame(1, joined(int32(id), new byte[1], tuple(3), text(status), fields(fields), integer(length)));
    }

    /** {@code lines}: of fields, each with its end. */
    static byte[] hints(int id, String lines) {
        return frame(8, joined(int32(id), ("HTTP/1.1 103 Early Hints\r\n" + lines + "\r\n").getBytes(UTF_8)));
    }

    static byte[] chunk(int id, byte[] content) {
        return frame(2, joined(int32(id), content));
    }

    static byte[] named(int kind, int... numbers) {
        ByteBuffer payload = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : numbers) {
            payload.putInt(number);
        }
        return frame(kind, payload.array());
    }

    static byte[] fields(String... fields) {
        byte[] all = joined(new byte[] {'['}, int32(fields.length / 2));
        for (int i = 0; i < fields.length; i += 2) {
            all = joined(all, tuple(2), text(fields[i]), text(fields[i + 1]));
        }
        return all;
    }

    static byte[] tuple(int length) {
        return joined(new byte[] {'('}, int32(length));
    }

    static byte[] integer(int value) {
        return joined(new byte[] {'i'}, int32(value));
    }

    static byte[] text(String text) {
        return joined(new byte[] {'u'}, int32(text.getBytes(UTF_8).length), text.getBytes(UTF_8));
    }

    static byte[] bytes(byte[] content) {
        return joined(new byte[] {'s'}, int32(content.length), content);
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Takes what the front sent apart. */
    static List<Frame> frames(byte[] sent) {
        List<Frame> frames = new ArrayList<>();
        ByteBuffer buffer = little(sent);
        while (buffer.hasRemaining()) {
            int length = buffer.getInt();
            int kind = buffer.get();
            byte[] payload = new byte[length - 1];
            buffer.get(payload);
            frames.add(new Frame(kind, little(payload)));
        }
        return frames;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
