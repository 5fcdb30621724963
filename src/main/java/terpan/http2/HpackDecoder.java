package terpan.http2;

/**
 * Unpacks heads (RFC 7541), each block whole. Whatever comes of a head, the table stays in step; only what breaks the form is an error, and
 * then of the connection. Belongs to one connection.
 */
final class HpackDecoder {
    /** No length or index within a block is larger; what is longer written, is padded. */
    private static final int INTEGER_MOST = 1 << 24;

    private static final byte[] NONE = new byte[0];

    private final HpackTable table;
    private final int announced;
    private int sizeMost;
    private boolean updateDue;
    private byte[] in = NONE;
    private int at;
    private int to;

    /**
     * Begins with the size that everybody begins with.
     *
     * @param announced the table's size by our SETTINGS
     */
    HpackDecoder(int announced) {
        this.announced = announced;
        this.sizeMost = Math.max(announced, Http2Limits.TABLE);
        this.table = new HpackTable(Http2Limits.TABLE);
    }

    /** The peer has our SETTINGS: a smaller table has to be confirmed by its next head (RFC 9113, section 4.3.1). */
    void acknowledged() {
        sizeMost = announced;
        updateDue = table.most() > announced;
    }

    HpackTable table() {
        return table;
    }

    /** Unpacks a block; false when it breaks the form. */
    boolean decode(byte[] bytes, int from, int end, FieldTaker taker) {
        in = bytes;
        at = from;
        to = end;
        boolean good = sizeUpdates() && fields(taker);
        in = NONE;
        return good;
    }

    private boolean sizeUpdates() {
        while (at < to && (in[at] & 0xe0) == 0x20) {
            int size = integer(0x1f);
            if (size < 0 || size > sizeMost) {
                return false;
            }
            table.most(size);
            updateDue &= size > announced;
        }
        return !updateDue;
    }

    private boolean fields(FieldTaker taker) {
        while (at < to) {
            int first = in[at];
            boolean good;
            if (first < 0) {
                good = indexed(taker);
            } else if ((first & 0x40) != 0) {
                good = literal(taker, integer(0x3f), true);
            } else {
                good = (first & 0x20) == 0 && literal(taker, integer(0x0f), false);
            }
            if (!good) {
                return false;
            }
        }
        return true;
    }

    private boolean indexed(FieldTaker taker) {
        int index = integer(0x7f);
        if (index <= 0) {
            return false;
        }
        if (index <= StaticTable.SIZE) {
            line(
                    taker,
                    StaticTable.bytes,
                    StaticTable.start[index],
                    StaticTable.nameLength[index],
                    StaticTable.valueLength[index],
                    StaticTable.kind[index]);
            return true;
        }
        int number = index - StaticTable.SIZE;
        if (number > table.count()) {
            return false;
        }
        int place = table.place(number);
        line(
                taker,
                table.store,
                table.start(place),
                table.nameLength(place),
                table.valueLength(place),
                table.kind(place));
        return true;
    }

    private static void line(FieldTaker taker, byte[] from, int start, int nameLength, int valueLength, int kind) {
        if (taker.wants()) {
            int length = nameLength + valueLength + HpackTable.LINE_EXTRA;
            System.arraycopy(from, start, taker.reserve(length), taker.end(), length);
            taker.take(nameLength, valueLength, kind);
        }
    }

    /** A name from a table or written out, a value written out. */
    private boolean literal(FieldTaker taker, int index, boolean insert) {
        if (index < 0 || index - StaticTable.SIZE > table.count()) {
            return false;
        }
        int nameLength;
        int kind;
        int start = taker.end();
        if (index == 0) {
            nameLength = string(taker, start);
            if (nameLength < 0) {
                return false;
            }
            kind = FieldKind.ofName(taker.reserve(0), start, start + nameLength);
        } else if (index <= StaticTable.SIZE) {
            nameLength = StaticTable.nameLength[index];
            kind = StaticTable.kind[index] & FieldKind.NAME;
            System.arraycopy(StaticTable.bytes, StaticTable.start[index], taker.reserve(nameLength), start, nameLength);
        } else {
            int place = table.place(index - StaticTable.SIZE);
            nameLength = table.nameLength(place);
            kind = table.kind(place) & FieldKind.NAME;
            System.arraycopy(table.store, table.start(place), taker.reserve(nameLength), start, nameLength);
        }
        int valueStart = start + nameLength + 2;
        int valueLength = string(taker, valueStart);
        if (valueLength < 0) {
            return false;
        }
        byte[] bytes = taker.reserve(nameLength + valueLength + HpackTable.LINE_EXTRA);
        int valueEnd = valueStart + valueLength;
        bytes[valueStart - 2] = ':';
        bytes[valueStart - 1] = ' ';
        bytes[valueEnd] = '\r';
        bytes[valueEnd + 1] = '\n';
        kind |= FieldKind.ofValue(bytes, valueStart, valueEnd);
        if (insert) {
            table.insert(bytes, start, nameLength, valueLength, kind);
        }
        if (taker.wants()) {
            taker.take(nameLength, valueLength, kind);
        }
        return true;
    }

    /** Reads a string to a place in the taker's array; its length, or -1. */
    private int string(FieldTaker taker, int target) {
        if (at == to) {
            return -1;
        }
        boolean huffman = in[at] < 0;
        int length = integer(0x7f);
        if (length < 0 || length > to - at) {
            return -1;
        }
        int from = at;
        at += length;
        int ahead = target - taker.end();
        if (huffman) {
            byte[] out = taker.reserve(ahead + Huffman.decodedMost(length));
            int end = Huffman.decode(in, from, at, out, target);
            return end < 0 ? -1 : end - target;
        }
        System.arraycopy(in, from, taker.reserve(ahead + length), target, length);
        return length;
    }

    /** Reads a prefixed integer (RFC 7541, section 5.1); -1 for one that is not whole, or too large. */
    private int integer(int mask) {
        int value = in[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            if (at == to) {
                return -1;
            }
            int b = in[at++];
            value += (b & 0x7f) << shift;
            if (b >= 0) {
                return value > INTEGER_MOST ? -1 : value;
            }
        }
        return -1;
    }
}
