package terpan.http;

/**
 * A parsed request head: offsets into the byte array that it was read into. Reused from request to request; no allocation.
 * The bytes stay where they are until the request is settled.
 */
public final class RequestHead extends Head {
    public int methodStart;
    public int methodEnd;
    public int targetStart;
    public int targetEnd;

    /** The method as a number, a constant of {@link Method}. */
    public int method;

    /**
     * The path of the target, raw, without query; {@code *} for the asterisk form. Empty when {@link #pathMissing}: then
     * {@code /} is meant, or {@code *} for OPTIONS without a query (RFC 9112, section 3.2.4).
     */
    public int pathStart;

    public int pathEnd;

    /** Whether the target is in absolute form without a path. */
    public boolean pathMissing;

    /** Whether the path holds a percent sign; every one of them begins a good escape, none of which is {@code %00}. */
    public boolean pathEscaped;

    /** Whether path or query have bytes beyond ASCII: they go on as their escapes, see {@link PercentEncoder}. */
    public boolean targetRaw;

    /** The query after the question mark: start, or -1 without one. */
    public int queryStart;

    public int queryEnd;

    /** Whether the target is in absolute form: forward path and query, and Host from {@link #hostStart}. */
    public boolean absolute;

    /** Whether the target is in absolute form with the scheme https. */
    public boolean absoluteHttps;

    /** Bytes of body by Content-Length; 0 without a body; -1 when chunked. */
    public long contentLength;

    /** Whether the client waits for 100 (Continue); only when a body follows. */
    public boolean expectContinue;

    /**
     * The host with its port: of an absolute target, else the value of Host; start, or -1 when there is none. May be empty. The
     * value span of a Host field line is set to the same span.
     */
    public int hostStart;

    public int hostEnd;

    /** Whether the one empty line before the request line was skipped. */
    boolean emptyLineSkipped;

    /** Whether it is a handshake for WebSocket (RFC 6455, section 4.1), well or not. */
    public boolean asksForWebSocket() {
        return WebSocketHandshake.isAskedFor(this);
    }

    /** Begins a new head whose first byte is at {@code newStart}. */
    public void reset(byte[] newBytes, int newStart) {
        resetShared(newBytes, newStart);
        methodStart = newStart;
        methodEnd = newStart;
        targetStart = newStart;
        targetEnd = newStart;
        method = Method.OTHER;
        pathStart = newStart;
        pathEnd = newStart;
        pathMissing = false;
        pathEscaped = false;
        targetRaw = false;
        queryStart = -1;
        queryEnd = -1;
        absolute = false;
        absoluteHttps = false;
        contentLength = 0;
        expectContinue = false;
        hostStart = -1;
        hostEnd = -1;
        emptyLineSkipped = false;
    }

    /** Becomes a copy of a complete head, bytes included; its own array is used again where it is long enough. */
    public void copyFrom(RequestHead other) {
        int length = other.end - other.start;
        byte[] own = bytes.length < length ? new byte[Math.max(length, 1024)] : bytes;
        System.arraycopy(other.bytes, other.start, own, 0, length);
        copyShared(other);
        methodStart = other.methodStart;
        methodEnd = other.methodEnd;
        targetStart = other.targetStart;
        targetEnd = other.targetEnd;
        method = other.method;
        pathStart = other.pathStart;
        pathEnd = other.pathEnd;
        pathMissing = other.pathMissing;
        pathEscaped = other.pathEscaped;
        targetRaw = other.targetRaw;
        queryStart = other.queryStart;
        queryEnd = other.queryEnd;
        absolute = other.absolute;
        absoluteHttps = other.absoluteHttps;
        contentLength = other.contentLength;
        expectContinue = other.expectContinue;
        hostStart = other.hostStart;
        hostEnd = other.hostEnd;
        moved(own, -other.start);
    }

    /** Tells that the bytes now lie in {@code newBytes}, {@code delta} places further on; complete or not. */
    public void moved(byte[] newBytes, int delta) {
        moveShared(newBytes, delta);
        methodStart += delta;
        methodEnd += delta;
        targetStart += delta;
        targetEnd += delta;
        pathStart += delta;
        pathEnd += delta;
        if (queryStart >= 0) {
            queryStart += delta;
            queryEnd += delta;
        }
        if (hostStart >= 0) {
            hostStart += delta;
            hostEnd += delta;
        }
    }
}
