package terpan.edge;

import java.util.Arrays;

/**
 * The fields of a worker's answer whose body a file may stand in for, until that is known: as they came, and which file was named. One for an
 * exchange, used again.
 */
final class KeptFields {
    /** As much as an answer's head may have. */
    private static final int MOST = 128 * 1024;

    /** What is kept for the next answer, bytes and numbers. */
    private static final int SMALL = 4 * 1024;

    private static final int SMALL_FIELDS = 256;
    private static final byte[] NONE = new byte[0];

    private byte[] bytes = NONE;
    private int end;

    /** Number, start and end of the name, and end of the value, for each. */
    private int[] fields = new int[0];

    private int count;
    private byte[] file = NONE;
    private byte naming;

    void clear() {
        end = 0;
        count = 0;
        file = NONE;
    }

    /** Nothing of it is wanted any more: what a long head needed is given up. */
    void over() {
        clear();
        if (bytes.length > SMALL) {
            bytes = NONE;
        }
        if (fields.length > SMALL_FIELDS) {
            fields = new int[0];
        }
    }

    void add(byte number, byte[] from, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int length = nameEnd - nameStart + valueEnd - valueStart;
        if (end + length > MOST) {
            return; // the head is refused
        }
        if (end + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(1024, Math.max(2 * bytes.length, end + length)));
        }
        if (4 * count == fields.length) {
            fields = Arrays.copyOf(fields, Math.max(64, 2 * fields.length));
        }
        fields[4 * count] = number;
        fields[4 * count + 1] = end;
        System.arraycopy(from, nameStart, bytes, end, nameEnd - nameStart);
        end += nameEnd - nameStart;
        fields[4 * count + 2] = end;
        System.arraycopy(from, valueStart, bytes, end, valueEnd - valueStart);
        end += valueEnd - valueStart;
        fields[4 * count + 3] = end;
        count++;
    }

    void add(byte number, byte[] name, byte[] value) {
        byte[] both = Arrays.copyOf(name, name.length + value.length);
        System.arraycopy(value, 0, both, name.length, value.length);
        add(number, both, 0, name.length, name.length, both.length);
    }

    /** A file was named, by the field of that number. */
    void names(byte number, byte[] from, int valueStart, int valueEnd) {
        naming = number;
        file = Arrays.copyOfRange(from, valueStart, valueEnd);
    }

    /** Whether a file was named. */
    boolean names() {
        return file.length > 0;
    }

    /** How the file was named. */
    byte[] file() {
        return file;
    }

    /** The number of the field that named it. */
    byte naming() {
        return naming;
    }

    int count() {
        return count;
    }

    byte number(int field) {
        return (byte) fields[4 * field];
    }

    byte[] bytes() {
        return bytes;
    }

    int nameStart(int field) {
        return fields[4 * field + 1];
    }

    int valueStart(int field) {
        return fields[4 * field + 2];
    }

    int valueEnd(int field) {
        return fields[4 * field + 3];
    }
}
