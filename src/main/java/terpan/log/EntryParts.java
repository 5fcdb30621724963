package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.RequestHead;
import terpan.http.TraceParent;
import terpan.log.LineBytes.Escape;

/** Parts of a line as several formats have them: for Apache's escapes, a hyphen for what is not known. */
final class EntryParts {
    private static final byte[] VERSION_10 = "HTTP/1.0".getBytes(US_ASCII);
    private static final byte[] VERSION_11 = "HTTP/1.1".getBytes(US_ASCII);
    private static final byte[] VERSION_20 = "HTTP/2.0".getBytes(US_ASCII);
    private static final byte[] SPACE = {' '};

    private EntryParts() {}

    static byte[] version(RequestHead head) {
        return head.version == 10 ? VERSION_10 : head.version == 20 ? VERSION_20 : VERSION_11;
    }

    /** Whether a request line was read. */
    static boolean isRead(RequestHead head) {
        return head.methodEnd > head.methodStart;
    }

    /** Method, target and version; cut once the target takes more than {@code most} bytes. */
    static void request(RequestHead head, LineBytes line, int most, Escape escape, QueryMask mask) {
        if (isRead(head)) {
            line.escaped(head.bytes, head.methodStart, head.methodEnd, AccessEncoder.WORD_MOST, escape);
            space(line, escape);
            line.escaped(head.bytes, head.targetStart, head.targetEnd, most, escape, mask);
            space(line, escape);
            line.put(version(head));
        } else {
            line.put('-');
        }
    }

    private static void space(LineBytes line, Escape escape) {
        line.escaped(SPACE, 0, 1, 1, escape);
    }

    /** A URL that a field has, or another field. */
    static void field(RequestHead head, int field, LineBytes line, int most, Escape escape, QueryMask mask) {
        if (field < 0) {
            line.put('-');
        } else {
            line.escaped(head.bytes, head.valueStart[field], head.valueEnd[field], most, escape, mask);
        }
    }

    /** The id of its trace, which has one. */
    static void trace(LineBytes line, AccessEntry entry) {
        line.put(entry.trace, TraceParent.TRACE_START, TraceParent.TRACE_END);
    }

    static void word(LineBytes line, byte[] bytes, int start, int end, Escape escape) {
        if (start == end) {
            line.put('-');
        } else {
            line.escaped(bytes, start, end, AccessEncoder.WORD_MOST, escape);
        }
    }
}
