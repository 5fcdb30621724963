package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;

/**
 * One request with its answer. The answer's head is collected here and packed when it leaves, so that it can be taken back until then.
 * Belongs to the loop's thread, and to its owner from {@link Http2Owner#request} to {@link Http2Owner#closed}.
 */
public final class Http2Stream {
    private static final byte[] LENGTH = "content-length: ".getBytes(US_ASCII);
    private static final int FIRST_LINES = 512;
    private static final int FIRST_FIELDS = 24;

    /** Most bytes of an answer's head. */
    private static final int LINES_MOST = 128 * 1024;

    private static final byte[] NO_BYTES = new byte[0];

    /** The request's head; its bytes are the stream's own. */
    public final RequestHead head = new RequestHead();

    /** The protocol of an extended CONNECT (RFC 8441): where it begins in the head's bytes; -1 without one. */
    public int protocolStart;

    public int protocolEnd;

    /** For the owner; stays when the stream is used again, so that what belongs to a request is, too. */
    public @Nullable Object attachment;

    int id;
    private int counted;
    private @Nullable Http2Connection connection;

    // The request's side.
    boolean requestEnded;
    boolean drops;
    long bodyLeft;
    int receiveWindow;
    int untaken;
    int unannounced;

    // The answer's side.
    boolean headWhole;
    boolean headEnds;
    boolean headSent;
    boolean answerEnded;
    boolean waiting;
    long sendWindow;
    int priority;
    int run;

    @Nullable
    AnswerSource source;

    int level = -1;

    @Nullable
    Http2Stream before;

    @Nullable
    Http2Stream behind;

    int status;
    byte[] lines = NO_BYTES;
    int linesEnd;
    int fields;
    int[] lineStart = new int[FIRST_FIELDS];
    int[] nameLength = new int[FIRST_FIELDS];
    int[] valueLength = new int[FIRST_FIELDS];

    Http2Stream() {}

    void open(Http2Connection owner, int newId, int window, int peerWindow) {
        connection = owner;
        id = newId;
        requestEnded = false;
        drops = false;
        bodyLeft = -1;
        receiveWindow = window;
        untaken = 0;
        unannounced = 0;
        headWhole = false;
        headEnds = false;
        headSent = false;
        answerEnded = false;
        waiting = false;
        sendWindow = peerWindow;
        priority = Priority.UNSAID;
        run = 0;
        source = null;
        protocolStart = -1;
        protocolEnd = -1;
    }

    /** It is over: its owner can do no harm with it any more. */
    void close() {
        connection().server.buffers.count(-counted);
        counted = 0;
        connection = null;
        source = null;
    }

    /** Counts what is longer than a spare stream keeps. */
    void count() {
        int now = Math.max(0, head.bytes.length - Http2Server.KEPT_BYTES)
                + Math.max(0, lines.length - Http2Server.KEPT_BYTES);
        if (now != counted) {
            connection().server.buffers.count(now - counted);
            counted = now;
        }
    }

    void clear(int keptBytes) {
        if (head.bytes.length > keptBytes) {
            head.bytes = NO_BYTES;
        }
        if (lines.length > keptBytes) {
            lines = NO_BYTES;
        }
    }

    private Http2Connection connection() {
        Http2Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("stream " + id + " is over");
        }
        return open;
    }

    /** The number by which both sides know it. */
    public int id() {
        return id;
    }

    /** Whether it still is; a stream that ended is not to be used. */
    public boolean isOpen() {
        return connection != null;
    }

    /** Whether the request is whole. */
    public boolean requestEnded() {
        return requestEnded;
    }

    /** The owner has room again for so many bytes of the body: the client may send as many more. */
    public void taken(int count) {
        connection().taken(this, count);
    }

    /** What still comes of the body is of no interest. */
    public void dropBody() {
        drops = true;
        if (untaken > 0) {
            taken(untaken);
        }
    }

    /** Another status in the place of the one that the answer began with; its head has not left. */
    public void status(int other) {
        status = other;
    }

    /** Begins the answer's head anew. */
    public void answer(int newStatus) {
        if (headSent) {
            throw new IllegalStateException("the head of stream " + id + " has left");
        }
        if (headWhole) {
            takeBack();
        }
        status = newStatus;
        headWhole = false;
        fields = 0;
        linesEnd = 0;
    }

    /**
     * Adds a field: what is no good field is not passed on, what is for a connection of HTTP/1.1 alone is left out.
     *
     * @return false for one that is not good
     */
    public boolean field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (nameStart == nameEnd) {
            return false;
        }
        if (Field.hopByHop(Field.of(bytes, nameStart, nameEnd))) {
            return true;
        }
        int from = valueStart;
        int to = valueEnd;
        while (from < to && Ascii.isSpace(bytes[from])) {
            from++;
        }
        while (to > from && Ascii.isSpace(bytes[to - 1])) {
            to--;
        }
        if (!Ascii.isFieldValue(bytes, from, to)) {
            return false;
        }
        int names = nameEnd - nameStart;
        int values = to - from;
        if (linesEnd + names + values > LINES_MOST) {
            return false;
        }
        int at = reserve(names + values + HpackTable.LINE_EXTRA);
        int start = at;
        for (int i = nameStart; i < nameEnd; i++) {
            if (!Ascii.isToken(bytes[i])) {
                return false;
            }
            lines[at++] = Ascii.lower(bytes[i]);
        }
        lines[at] = ':';
        lines[at + 1] = ' ';
        System.arraycopy(bytes, from, lines, at + 2, values);
        line(start, names, values);
        return true;
    }

    /** Adds a field of our own; its bytes are good. */
    public void field(byte[] name, byte[] value) {
        int at = reserve(name.length + value.length + HpackTable.LINE_EXTRA);
        for (int i = 0; i < name.length; i++) {
            lines[at + i] = Ascii.lower(name[i]);
        }
        lines[at + name.length] = ':';
        lines[at + name.length + 1] = ' ';
        System.arraycopy(value, 0, lines, at + name.length + 2, value.length);
        line(at, name.length, value.length);
    }

    /** Adds Content-Length. */
    public void length(long length) {
        int at = reserve(LENGTH.length + 20 + HpackTable.LINE_EXTRA);
        System.arraycopy(LENGTH, 0, lines, at, LENGTH.length);
        int end = Ascii.appendDecimal(lines, at + LENGTH.length, length);
        line(at, LENGTH.length - 2, end - at - LENGTH.length);
    }

    /** Adds the fields of a head that a parser has checked, but for those of a connection and those of these numbers. */
    public boolean fields(ResponseHead from, long leftOut) {
        boolean good = true;
        for (int i = 0; i < from.fieldCount && good; i++) {
            boolean out = (leftOut >>> from.field[i] & 1) != 0 || Field.hopByHop(from.field[i]);
            good = out || field(from.bytes, from.nameStart[i], from.nameEnd[i], from.valueStart[i], from.valueEnd[i]);
        }
        return good;
    }

    private int reserve(int count) {
        if (lines.length - linesEnd < count) {
            lines = Arrays.copyOf(lines, Math.max(FIRST_LINES, Math.max(2 * lines.length, linesEnd + count)));
        }
        if (fields == lineStart.length) {
            lineStart = Arrays.copyOf(lineStart, 2 * fields);
            nameLength = Arrays.copyOf(nameLength, 2 * fields);
            valueLength = Arrays.copyOf(valueLength, 2 * fields);
        }
        return linesEnd;
    }

    private void line(int start, int names, int values) {
        lineStart[fields] = start;
        nameLength[fields] = names;
        valueLength[fields++] = values;
        // Room is left behind each, so that the table can keep it as a line.
        linesEnd = start + names + values + HpackTable.LINE_EXTRA;
    }

    /**
     * The answer's head is complete. It leaves with the next {@link Http2Connection#fill}, or with {@link #offer}.
     *
     * @param end whether no body follows
     */
    public void headEnd(boolean end) {
        headWhole = true;
        headEnds = end;
        count();
        connection().sender.headWhole(this);
    }

    /** Takes back what was answered so far, so that another answer may begin; false when some of it has left. */
    public boolean takeBack() {
        if (headSent) {
            return false;
        }
        connection().sender.takenBack(this);
        headWhole = false;
        fields = 0;
        linesEnd = 0;
        source = null;
        return true;
    }

    /** Whether the answer's head has left. */
    public boolean headSent() {
        return headSent;
    }

    /** Sends a head with a status below 200, such as 100 (Continue), at once. */
    public void informational(int informationalStatus) {
        if (headSent) {
            throw new IllegalStateException("the head of stream " + id + " has left");
        }
        connection().sender.informational(this, informationalStatus);
    }

    /**
     * Sends what was given to {@link #answer} and as fields as a head before the answer's; its status is below 200. It is dropped where the
     * client does not take what it was sent, so that nothing of it is kept.
     */
    public void informationalEnd() {
        if (headSent) {
            throw new IllegalStateException("the head of stream " + id + " has left");
        }
        connection().sender.informational(this);
        fields = 0;
        linesEnd = 0;
    }

    /**
     * Offers a piece of the answer's body, which leaves as far as windows and the connection have room now. The rest has to come from a
     * {@link #source}; so has all that comes behind it, until the source is empty.
     *
     * @param end whether the answer is whole with it
     * @return how many bytes were taken; when all were and it was the end, the stream may be over
     */
    public int offer(byte[] bytes, int from, int to, boolean end) {
        return connection().sender.offer(this, bytes, from, to, end);
    }

    /** From where the rest of the answer comes; {@link #ready} tells when there is something. */
    public void source(AnswerSource newSource) {
        source = newSource;
    }

    /** The source has more, or is at its end. */
    public void ready() {
        connection().sender.ready(this);
    }

    /** Whether bytes of the answer wait for a window of the client's: for the owner's deadline. */
    public boolean stalled() {
        return waiting && connection().sender.windowIsShut(this);
    }

    /** Whether the client takes nothing more of this stream's answer for now, whatever becomes of others. */
    public boolean windowIsShut() {
        return sendWindow <= 0;
    }

    /** Whether nothing of its answer's body can leave before the client opens a window. */
    public boolean isHeldUp() {
        return connection != null && connection.sender.windowIsShut(this);
    }

    /** Ends the stream with an error. */
    public void reset(int code) {
        connection().reset(this, code);
    }
}
