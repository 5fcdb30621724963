package terpan.link.nativelink;

import java.util.Arrays;

/**
 * The head of an answer as the worker sent it: spans in the receive array, reused from answer to answer. What the application
 * did wrong is a fault of this answer alone; what breaks the agreed form is an exception. Belongs to the link's thread.
 */
final class NativeAnswer {
    /** Most fields of an answer. */
    static final int FIELDS_MOST = 1024;

    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final int USUAL = 32;

    private static final byte[] NONE = new byte[0];

    byte[] bytes = NONE;
    int status;
    int reasonStart;
    int reasonEnd;
    int fieldCount;

    /** Four offsets a field: name start and end, value start and end. */
    int[] spans = new int[4 * USUAL];

    /** What the application did wrong; empty when nothing. */
    String fault = "";

    /** Is none any more, and holds no array. */
    void forget() {
        bytes = NONE;
        fieldCount = 0;
    }

    /** Reads status and headers, the first two items of the tuple that the reader stands in. */
    void read(MarshalReader reader, byte[] array) throws MarshalException {
        bytes = array;
        fault = "";
        reader.text();
        status(reader);
        fieldCount = reader.list();
        if (fieldCount > FIELDS_MOST) {
            throw new MarshalException("an answer of " + fieldCount + " fields, at most " + FIELDS_MOST + " expected");
        }
        if (spans.length < 4 * (fieldCount + 1)) {
            spans = Arrays.copyOf(spans, 4 * (FIELDS_MOST + 1));
        }
        for (int i = 0; i < 4 * fieldCount; i += 4) {
            reader.tuple(2);
            text(reader, i);
            text(reader, i + 2);
        }
    }

    /** Reads a field of the launcher's own, name and value with a colon between, which stands behind what the application said. */
    void readOwn(MarshalReader reader) throws MarshalException {
        reader.binary();
        int colon = reader.spanStart;
        while (colon < reader.spanEnd && bytes[colon] != ':') {
            colon++;
        }
        if (colon == reader.spanEnd) {
            throw new MarshalException("a field of the launcher's without a colon");
        }
        int at = 4 * fieldCount++;
        spans[at] = reader.spanStart;
        spans[at + 1] = colon;
        spans[at + 2] = colon + 1;
        spans[at + 3] = reader.spanEnd;
    }

    /** The length that the application's own Content-Length tells; -1 without a good one. */
    long ownLength() {
        for (int i = 0; i < 4 * fieldCount; i += 4) {
            if (isContentLength(spans[i], spans[i + 1])) {
                return decimal(spans[i + 2], spans[i + 3]);
            }
        }
        return -1;
    }

    private void text(MarshalReader reader, int at) throws MarshalException {
        reader.text();
        spans[at] = reader.spanStart;
        spans[at + 1] = reader.spanEnd;
        if (!reader.spanFits) {
            fault = "a field of the answer has characters beyond latin-1";
        }
    }

    private void status(MarshalReader reader) {
        int start = reader.spanStart;
        int end = reader.spanEnd;
        status = end - start < 3 ? 0 : digit(start) * 100 + digit(start + 1) * 10 + digit(start + 2);
        reasonStart = Math.min(start + 4, end);
        reasonEnd = end;
        if (!reader.spanFits) {
            fault = "the status has characters beyond latin-1";
        } else if (status < 200 || status > 599 || (end - start > 3 && bytes[start + 3] != ' ')) {
            fault = "the status is not three digits from 200 to 599 and a reason";
        }
    }

    /** A digit's value, or one that spoils the sum. */
    private int digit(int at) {
        int value = bytes[at] - '0';
        return value >= 0 && value <= 9 ? value : -100_000;
    }

    private boolean isContentLength(int start, int end) {
        if (end - start != CONTENT_LENGTH.length) {
            return false;
        }
        for (int i = 0; i < CONTENT_LENGTH.length; i++) {
            if ((bytes[start + i] | 0x20) != (CONTENT_LENGTH[i] | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private long decimal(int start, int end) {
        if (end == start || end - start > 18) {
            return -1;
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return -1;
            }
            value = value * 10 + bytes[i] - '0';
        }
        return value;
    }
}
