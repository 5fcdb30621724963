package terpan.http;

import java.util.Arrays;

/**
 * What a request's head and an answer's have in common: offsets into the byte array that it was read into. Reused from message
 * to message; no allocation. Belongs to the loop that reads; filled by a parser.
 */
public abstract sealed class Head permits RequestHead, ResponseHead {
    /** Most field lines that a head can hold, whatever the settings say. */
    public static final int FIELDS_MOST = 256;

    /** As many as the arrays hold at first: an idle connection keeps them. */
    private static final int FIELDS_USUAL = 24;

    private static final byte[] NOWHERE = new byte[0];

    /** Bytes of the arrays for each field line. */
    private static final int FIELD_BYTES = 4 * Integer.BYTES + 1;

    static final byte DONE = 0;
    static final byte FIRST_LINE = 1;
    static final byte FIELD_LINES = 2;

    /** Where the head lies. */
    public byte[] bytes = NOWHERE;

    /** First byte of the first line. */
    public int start;

    /** One past the empty line: the first byte of the body. */
    public int end;

    /** 10 for HTTP/1.0, 11 for HTTP/1.1, 20 for HTTP/2. */
    public int version;

    /** How many field lines there are. */
    public int fieldCount;

    public int[] nameStart = new int[FIELDS_USUAL];
    public int[] nameEnd = new int[FIELDS_USUAL];
    public int[] valueStart = new int[FIELDS_USUAL];
    public int[] valueEnd = new int[FIELDS_USUAL];

    /** A known field's number, a constant of {@link Field}; {@link Field#OTHER} for the rest. */
    public byte[] field = new byte[FIELDS_USUAL];

    /** Whether the sender wants the connection kept (RFC 9112, section 9.3). */
    public boolean keepAlive;

    /** Where the parser goes on when more bytes have come: the start of the first line that is not parsed yet. */
    int resumeAt;

    /** Which kind of line is next. */
    byte phase;

    /** Connection options seen: close, keep-alive. */
    boolean closeOption;

    boolean keepAliveOption;

    /** Known fields seen, a bit for each number of {@link Field}. */
    long seen;

    /** Content-Length as given; -1 without one. */
    long lengthGiven;

    /** The number of a new field line, with room for it. */
    final int addField() {
        if (fieldCount == field.length) {
            room(Math.min(2 * fieldCount, FIELDS_MOST));
        }
        return fieldCount++;
    }

    /** Its bytes are not wanted any more: it holds none, and no longer arrays than it had at first. */
    public final void forget() {
        bytes = NOWHERE;
        fieldCount = 0;
        if (field.length > FIELDS_USUAL) {
            room(FIELDS_USUAL);
        }
    }

    /** Bytes of its arrays beyond those that it had at first. */
    public final int moreBytes() {
        return (field.length - FIELDS_USUAL) * FIELD_BYTES;
    }

    private void room(int fields) {
        nameStart = Arrays.copyOf(nameStart, fields);
        nameEnd = Arrays.copyOf(nameEnd, fields);
        valueStart = Arrays.copyOf(valueStart, fields);
        valueEnd = Arrays.copyOf(valueEnd, fields);
        field = Arrays.copyOf(field, fields);
    }

    final void resetShared(byte[] newBytes, int newStart) {
        bytes = newBytes;
        start = newStart;
        end = newStart;
        version = 0;
        fieldCount = 0;
        keepAlive = false;
        resumeAt = newStart;
        phase = FIRST_LINE;
        closeOption = false;
        keepAliveOption = false;
        seen = 0;
        lengthGiven = -1;
    }

    final void copyShared(Head other) {
        start = other.start;
        end = other.end;
        version = other.version;
        fieldCount = other.fieldCount;
        keepAlive = other.keepAlive;
        resumeAt = other.resumeAt;
        phase = other.phase;
        closeOption = other.closeOption;
        keepAliveOption = other.keepAliveOption;
        seen = other.seen;
        lengthGiven = other.lengthGiven;
        if (fieldCount > field.length) {
            room(other.field.length);
        }
        System.arraycopy(other.nameStart, 0, nameStart, 0, fieldCount);
        System.arraycopy(other.nameEnd, 0, nameEnd, 0, fieldCount);
        System.arraycopy(other.valueStart, 0, valueStart, 0, fieldCount);
        System.arraycopy(other.valueEnd, 0, valueEnd, 0, fieldCount);
        System.arraycopy(other.field, 0, field, 0, fieldCount);
    }

    final void moveShared(byte[] newBytes, int delta) {
        bytes = newBytes;
        start += delta;
        end += delta;
        resumeAt += delta;
        for (int i = 0; i < fieldCount; i++) {
            nameStart[i] += delta;
            nameEnd[i] += delta;
            valueStart[i] += delta;
            valueEnd[i] += delta;
        }
    }

    /** Whether a field line of that number, a constant of {@link Field}, is there. */
    public final boolean has(byte number) {
        return ((seen >>> number) & 1) != 0;
    }
}
