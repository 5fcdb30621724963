package terpan.http2;

/**
 * What the connections of one loop share: limits, the judge of heads, streams that are used again. Belongs to the loop's thread.
 */
public final class Http2Server {
    /** More streams than this are not kept for others; with 8 KiB each they have one part in 64 of the heap. */
    private static final int SPARE_MOST = Math.clamp(Runtime.getRuntime().maxMemory() >> 19, 16, 256);

    /** A spare stream keeps no longer array than this; what is longer is counted while it is used. */
    static final int KEPT_BYTES = 4 * 1024;

    final Http2Limits limits;
    final Buffers buffers;
    final RequestFields fields;
    final TrailerFields trailers = new TrailerFields();
    private final Http2Stream[] spare = new Http2Stream[SPARE_MOST];
    private int spares;

    /** Makes what one loop needs. */
    public Http2Server(Http2Limits limits, Buffers buffers) {
        this.limits = limits;
        this.buffers = buffers;
        this.fields = new RequestFields(limits);
    }

    Http2Stream take() {
        return spares == 0 ? new Http2Stream() : spare[--spares];
    }

    /** Takes a stream back that the owner kept beyond its end. */
    public void giveBack(Http2Stream stream) {
        stream.clear(KEPT_BYTES);
        if (spares < SPARE_MOST) {
            spare[spares++] = stream;
        }
    }
}
