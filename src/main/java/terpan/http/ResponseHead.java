package terpan.http;

/** A parsed head of an answer: offsets into the byte array that it was read into. Reused from answer to answer; no allocation. */
public final class ResponseHead extends Head {
    /** 100 to 599. */
    public int status;

    /** The reason, which may be empty. */
    public int reasonStart;

    public int reasonEnd;

    /** Content-Length; -1 without one. Says nothing where {@link ResponseParser#bodyless} holds. */
    public long contentLength;

    /** Whether the body is chunked. */
    public boolean chunked;

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
