package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.Field;

/**
 * Packs the heads of answers (RFC 7541). A line is put into the table when it comes the second time: what differs from answer to answer never
 * drives out what is always the same. Lines that may hold secrets are never put there. Belongs to one connection; no allocation but for the
 * table, at the first use.
 */
final class HpackEncoder {
    /** Beside name and value: the first byte with an index, and two lengths. */
    static final int LINE_MOST_EXTRA = 16;

    /** Most bytes of what comes before the first line: two updates of the table's size. */
    static final int BEGIN_MOST = 12;

    /** Longer lines are not put into the table. */
    private static final int LINE_MOST = 512;

    private static final int SLOTS = 256;
    private static final int ONCE_SLOTS = 64;
    private static final int NEVER = 0x10;
    private static final byte[] NONE = new byte[0];
    private static final byte[][] SECRETS = {
        "set-cookie".getBytes(US_ASCII),
        "authorization".getBytes(US_ASCII),
        "proxy-authorization".getBytes(US_ASCII),
        "www-authenticate".getBytes(US_ASCII),
        "proxy-authenticate".getBytes(US_ASCII),
        "authentication-info".getBytes(US_ASCII),
        "cookie".getBytes(US_ASCII),
        "x-csrf-token".getBytes(US_ASCII)
    };

    private final HpackTable table = new HpackTable(Http2Limits.TABLE);
    private int smallest = Http2Limits.TABLE;
    private boolean sizeChanged;

    /** The number of the line that was inserted last with such a hash. */
    private int[] byHash = new int[0];

    /** Hashes of lines that came once. */
    private int[] once = new int[0];

    private byte[] out = NONE;
    private int at;

    /** The peer's table has that size from its next head on. */
    void tableMost(int peerMost) {
        int most = Math.min(peerMost, Http2Limits.TABLE);
        if (most != table.most()) {
            smallest = Math.min(smallest, most);
            table.most(most);
            sizeChanged = true;
        }
    }

    HpackTable table() {
        return table;
    }

    /** Begins a block in an array with room for {@link #BEGIN_MOST} and the lines. */
    void begin(byte[] into, int from) {
        out = into;
        at = from;
        if (sizeChanged) {
            if (smallest < table.most()) {
                integer(0x20, 0x1f, smallest);
            }
            integer(0x20, 0x1f, table.most());
            smallest = Http2Limits.TABLE;
            sizeChanged = false;
        }
    }

    /** Ends the block; where its end is. */
    int end() {
        out = NONE;
        return at;
    }

    /** Writes the status: three digits. */
    void status(int status) {
        int index = switch (status) {
            case 200 -> StaticTable.STATUS_200;
            case 204 -> 9;
            case 206 -> 10;
            case 304 -> 11;
            case 400 -> 12;
            case 404 -> 13;
            case 500 -> 14;
            default -> 0;
        };
        if (index != 0) {
            out[at++] = (byte) (0x80 | index);
            return;
        }
        out[at++] = StaticTable.STATUS_200;
        out[at++] = 3;
        out[at++] = (byte) ('0' + status / 100);
        out[at++] = (byte) ('0' + status / 10 % 10);
        out[at++] = (byte) ('0' + status % 10);
    }

    /** Writes a line that lies as {@code name: value}, its name in lower case. */
    void line(byte[] from, int start, int nameLength, int valueLength) {
        int hash = quickHash(from, start, nameLength, valueLength);
        if (byHash.length > 0) {
            int number = byHash[hash & SLOTS - 1];
            if (table.is(number, from, start, nameLength, valueLength)) {
                integer(0x80, 0x7f, StaticTable.SIZE + table.inserted() - number);
                return;
            }
        }
        int name = StaticTable.ofName(from, start, nameLength);
        if (secret(from, start, nameLength)) {
            literal(NEVER, 0x0f, name, from, start, nameLength, valueLength);
        } else if (nameLength + valueLength <= LINE_MOST && cameBefore(from, start, nameLength, valueLength)) {
            literal(0x40, 0x3f, name, from, start, nameLength, valueLength);
            insert(hash, from, start, nameLength, valueLength);
        } else {
            literal(0, 0x0f, name, from, start, nameLength, valueLength);
        }
    }

    private void insert(int hash, byte[] from, int start, int nameLength, int valueLength) {
        if (byHash.length == 0) {
            byHash = new int[SLOTS];
        }
        int number = table.inserted();
        if (table.insert(from, start, nameLength, valueLength, Field.OTHER)) {
            byHash[hash & SLOTS - 1] = number;
        }
    }

    private boolean cameBefore(byte[] from, int start, int nameLength, int valueLength) {
        if (once.length == 0) {
            once = new int[ONCE_SLOTS];
        }
        int hash = 1;
        for (int i = start; i < start + nameLength + 2 + valueLength; i++) {
            hash = 31 * hash + from[i];
        }
        int slot = hash ^ hash >>> 16;
        slot = (slot ^ slot >>> 8) & ONCE_SLOTS - 1;
        boolean before = once[slot] == hash;
        once[slot] = hash;
        return before && table.most() > 0;
    }

    /** Of lengths and some bytes: enough to tell the lines of an answer apart. */
    private static int quickHash(byte[] from, int start, int nameLength, int valueLength) {
        int value = start + nameLength + 2;
        int hash = nameLength * 31 + valueLength;
        hash = hash * 31 + from[start];
        hash = hash * 31 + from[start + nameLength - 1];
        if (valueLength > 0) {
            hash = hash * 31 + from[value];
            hash = hash * 31 + from[value + valueLength - 1];
            hash = hash * 31 + from[value + (valueLength >> 1)];
        }
        return hash ^ hash >>> 8;
    }

    private static boolean secret(byte[] from, int start, int nameLength) {
        for (byte[] name : SECRETS) {
            if (name.length == nameLength
                    && name[0] == from[start]
                    && java.util.Arrays.equals(name, 0, nameLength, from, start, start + nameLength)) {
                return true;
            }
        }
        return false;
    }

    private void literal(
            int pattern, int mask, int nameIndex, byte[] from, int start, int nameLength, int valueLength) {
        integer(pattern, mask, nameIndex);
        if (nameIndex == 0) {
            string(from, start, nameLength);
        }
        string(from, start + nameLength + 2, valueLength);
    }

    private void string(byte[] from, int start, int length) {
        int coded = Huffman.codedLength(from, start, start + length);
        if (coded < length) {
            integer(0x80, 0x7f, coded);
            at = Huffman.encode(from, start, start + length, out, at);
        } else {
            integer(0, 0x7f, length);
            System.arraycopy(from, start, out, at, length);
            at += length;
        }
    }

    private void integer(int pattern, int mask, int value) {
        if (value < mask) {
            out[at++] = (byte) (pattern | value);
            return;
        }
        out[at++] = (byte) (pattern | mask);
        int rest = value - mask;
        while (rest >= 0x80) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
    }
}
