package terpan.edge.origin;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The id of one request after the other: made when it is first asked for, unless a proxy that is believed has given one. Belongs to the
 * loop's thread.
 */
public final class RequestId {
    /** The trace that the request belongs to, where requests have one. */
    public final RequestTrace trace;

    private final RequestIds ids;
    private byte[] bytes = new byte[RequestIds.MOST];
    private int length;

    public RequestId(RequestIds ids) {
        this.ids = ids;
        this.trace = new RequestTrace(ids);
    }

    /** Another request begins. */
    public void reset() {
        length = 0;
        trace.reset();
    }

    /** Takes an id that a believed proxy has given. */
    void given(String id) {
        bytes = id.getBytes(US_ASCII);
        length = bytes.length;
    }

    /** The id as text. */
    public String text() {
        int end = length();
        return new String(bytes, 0, end, US_ASCII);
    }

    /** How long it is; from the beginning of {@link #bytes}. */
    public int length() {
        if (length == 0) {
            bytes = bytes.length < RequestIds.MOST ? new byte[RequestIds.MOST] : bytes;
            length = ids.next(bytes, 0);
        }
        return length;
    }

    /** Where it lies; to be asked for after {@link #length}. */
    public byte[] bytes() {
        return bytes;
    }
}
