package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.HttpDate;
import terpan.http.ResponseHead;
import terpan.http.ResponseParser;

/**
 * Writes the head of an answer into the client's output. Every byte that comes from a worker is checked here, whichever link it
 * came by; framing and connection fields are ours alone. One for a connection.
 */
final class AnswerHead {
    /** How the client learns where the body ends. */
    enum Framing {
        NO_BODY,
        LENGTH,
        CHUNKED,
        CLOSE
    }

    private static final byte[] HTTP_11 = "HTTP/1.1 ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LENGTH = "Content-Length: ".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(US_ASCII);
    private static final byte[] KEEP_ALIVE = "Connection: keep-alive\r\n".getBytes(US_ASCII);
    private static final byte[] DATE = "Date: ".getBytes(US_ASCII);
    private static final byte[] RAISED = "X-Terpan-Raised".getBytes(US_ASCII);
    private static final int RAISED_MOST = 16 * 1024;
    private static final int HEAD_MOST = 128 * 1024;

    /** Fields that are ours to write, or between front and worker alone. */
    private static final long OURS = (1L << Field.CONTENT_LENGTH) | (1L << Field.PRIVATE);

    private final Output output;
    private final HttpDate date;
    private final long ours;
    private long begin;
    private int written;
    private boolean dated;
    private String raised = "";

    AnswerHead(Output output, HttpDate date, boolean idsAreOurs) {
        this.output = output;
        this.date = date;
        this.ours = OURS | (idsAreOurs ? 1L << Field.X_REQUEST_ID : 0);
    }

    /** Begins; {@link #takeBack} undoes it. */
    void start(int status, byte[] bytes, int reasonStart, int reasonEnd) {
        begin = output.position();
        dated = false;
        raised = "";
        written = reasonEnd - reasonStart + 32;
        byte[] into = output.reserve(written);
        int at = output.end();
        System.arraycopy(HTTP_11, 0, into, at, HTTP_11.length);
        at = Ascii.appendDecimal(into, at + HTTP_11.length, status);
        into[at++] = ' ';
        for (int i = reasonStart; i < reasonEnd; i++) {
            into[at++] = Ascii.isFieldValue(bytes[i]) ? bytes[i] : (byte) '?';
        }
        into[at++] = '\r';
        into[at++] = '\n';
        output.advance(at);
    }

    /** Takes back the head and all that was written behind it; false when some of it was sent. */
    boolean takeBack() {
        return output.takeBack(begin);
    }

    /** A field of our own; its bytes are good. */
    void field(byte[] name, byte[] value) {
        output.put(name);
        output.put(SEPARATOR);
        output.put(value);
        output.put(CRLF);
    }

    /** False when the field can not be passed on. */
    boolean field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (nameStart == nameEnd) {
            return false;
        }
        byte field = Field.of(bytes, nameStart, nameEnd);
        if (!passed(field)) {
            notice(field, bytes, nameStart, nameEnd, valueStart, valueEnd);
            return true;
        }
        dated |= field == Field.DATE;
        int length = nameEnd - nameStart + valueEnd - valueStart + 4;
        written += length;
        if (written > HEAD_MOST) {
            return false;
        }
        byte[] into = output.reserve(length);
        int at = output.end();
        for (int i = nameStart; i < nameEnd; i++) {
            if (!Ascii.isToken(bytes[i])) {
                return false;
            }
            into[at++] = bytes[i];
        }
        into[at++] = ':';
        into[at++] = ' ';
        for (int i = valueStart; i < valueEnd; i++) {
            if (!Ascii.isFieldValue(bytes[i])) {
                return false;
            }
            into[at++] = bytes[i];
        }
        into[at++] = '\r';
        into[at++] = '\n';
        output.advance(at);
        return true;
    }

    /** All fields of a head that a parser has checked: runs of lines that are passed on are copied as they are. */
    boolean fields(ResponseHead from) {
        int count = from.fieldCount;
        int i = 0;
        while (i < count) {
            int start = from.nameStart[i];
            boolean any = false;
            while (i < count && passed(from.field[i])) {
                dated |= from.field[i] == Field.DATE;
                any = true;
                i++;
            }
            if (any && !run(from.bytes, start, i < count ? from.nameStart[i] : from.end - 2)) {
                return false;
            }
            if (i < count) {
                notice(
                        from.field[i],
                        from.bytes,
                        from.nameStart[i],
                        from.nameEnd[i],
                        from.valueStart[i],
                        from.valueEnd[i]);
            }
            i++;
        }
        return true;
    }

    private void notice(byte field, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (field == Field.PRIVATE
                && valueEnd - valueStart <= RAISED_MOST
                && Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, RAISED, 0, RAISED.length)) {
            raised = new String(bytes, valueStart, valueEnd - valueStart, ISO_8859_1);
        }
    }

    /** What the worker's own field says of an application that raised; empty: it did not. */
    String raised() {
        return raised;
    }

    private boolean passed(byte field) {
        return !Field.hopByHop(field) && ((ours >>> field) & 1) == 0;
    }

    private boolean run(byte[] bytes, int start, int end) {
        written += end - start;
        if (written > HEAD_MOST) {
            return false;
        }
        byte[] into = output.reserve(end - start);
        System.arraycopy(bytes, start, into, output.end(), end - start);
        output.advance(output.end() + end - start);
        return true;
    }

    /**
     * Decides the framing and ends the head (RFC 9112, section 6).
     *
     * @param length bytes of body; -1 when not known
     * @param wallMillis for the Date field, where the worker gave none
     */
    Framing end(int status, int method, int clientVersion, long length, boolean keepAlive, long wallMillis) {
        boolean noBody = ResponseParser.bodyless(method, status);
        Framing framing = noBody
                ? Framing.NO_BODY
                : length >= 0 ? Framing.LENGTH : clientVersion >= 11 ? Framing.CHUNKED : Framing.CLOSE;
        if (length >= 0 && status != 204 && status >= 200) {
            byte[] into = output.reserve(64);
            int at = output.end();
            System.arraycopy(LENGTH, 0, into, at, LENGTH.length);
            at = Ascii.appendDecimal(into, at + LENGTH.length, length);
            into[at++] = '\r';
            into[at++] = '\n';
            output.advance(at);
        } else if (framing == Framing.CHUNKED) {
            output.put(CHUNKED);
        }
        if (!keepAlive || framing == Framing.CLOSE) {
            output.put(CLOSE);
        } else if (clientVersion < 11) {
            output.put(KEEP_ALIVE);
        }
        if (!dated) {
            output.put(DATE);
            output.put(date.at(wallMillis));
            output.put(CRLF);
        }
        output.put(CRLF);
        return framing;
    }
}
