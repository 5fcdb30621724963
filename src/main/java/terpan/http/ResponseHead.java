package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** A parsed head of an answer: offsets into the byte array that it was read into. Reused from answer to answer; no allocation. */
public final class ResponseHead extends Head {
    private static final byte[] TOOK = "X-Terpan-Took".getBytes(US_ASCII);

    /** A quarter of an hour. */
    private static final int TOOK_DIGITS_MOST = 9;

    /** 100 to 599. */
    public int status;

    /** The reason, which may be empty. */
    public int reasonStart;

    public int reasonEnd;

    /** Content-Length; -1 without one. Says nothing where {@link ResponseParser#bodyless} holds. */
    public long contentLength;

    /** Whether the body is chunked. */
    public boolean chunked;

    /** How long the worker says that the request took, microseconds; 0 when it does not say, or nothing that can be read. */
    public long tookMicros() {
        if ((seen & 1L << Field.PRIVATE) == 0) {
            return 0;
        }
        for (int i = 0; i < fieldCount; i++) {
            if (field[i] == Field.PRIVATE
                    && Ascii.equalsIgnoreCase(bytes, nameStart[i], nameEnd[i], TOOK, 0, TOOK.length)
                    && valueEnd[i] - valueStart[i] <= TOOK_DIGITS_MOST) {
                return digits(valueStart[i], valueEnd[i]);
            }
        }
        return 0;
    }

    private long digits(int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    /** Begins a new head whose first byte is at {@code newStart}. */
    public void reset(byte[] newBytes, int newStart) {
        resetShared(newBytes, newStart);
        status = 0;
        reasonStart = newStart;
        reasonEnd = newStart;
        contentLength = -1;
        chunked = false;
    }

    /** Tells that the bytes now lie in {@code newBytes}, {@code delta} places further on; complete or not. */
    public void moved(byte[] newBytes, int delta) {
        moveShared(newBytes, delta);
        reasonStart += delta;
        reasonEnd += delta;
    }
}
