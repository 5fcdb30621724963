package terpan.http;

/**
 * A parsed request head: offsets into the byte array that it was read into. Reused from request to request; no allocation.
 * The bytes stay where they are until the request is settled.
 */
public final class RequestHead {
    /** Most field lines that a head can hold, whatever the settings say. */
    public static final int FIELDS_MOST = 256;

    /** Where the head lies. */
    public byte[] bytes = new byte[0];

    /** First byte of the request line. */
    public int start;

    /** One past the empty line: the first byte of the body. */
    public int end;

    public int methodStart;
    public int methodEnd;
    public int targetStart;
    public int targetEnd;

    /** 10 for HTTP/1.0, 11 for HTTP/1.1. */
    public int version;

    /** The method as a number, a constant of {@link Method}. */
    public int method;

    public int fieldCount;
    public final int[] nameStart = new int[FIELDS_MOST];
    public final int[] nameEnd = new int[FIELDS_MOST];
    public final int[] valueStart = new int[FIELDS_MOST];
    public final int[] valueEnd = new int[FIELDS_MOST];

    /** A known field's number, a constant of {@link Field}; {@link Field#OTHER} for the rest. */
    public final byte[] field = new byte[FIELDS_MOST];

    /** Bytes of body by Content-Length; 0 without a body; -1 when chunked. */
    public long contentLength;

    /** Whether the client wants the connection kept. */
    public boolean keepAlive;

    /** Whether the client waits for 100 (Continue). */
    public boolean expectContinue;

    /** The value span of Host: start, or -1. */
    public int hostStart;

    public int hostEnd;

    /** The parser's own place: where it goes on when more bytes have come. */
    int resumeAt;
}
