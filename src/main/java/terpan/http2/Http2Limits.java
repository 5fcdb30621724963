package terpan.http2;

import terpan.http.HeadLimits;

/**
 * What a client may have of one connection.
 *
 * @param streamsMost requests at a time; more are refused
 * @param streamWindow bytes of one request's body that the owner holds before it says that they are taken
 * @param connectionWindow the same for all requests together
 * @param heads what a head may have, counted as in HTTP/1.1
 * @param tableMost bytes of the table that heads are packed with
 * @param extendedConnect whether CONNECT with a protocol is taken (RFC 8441)
 */
public record Http2Limits(
        int streamsMost,
        int streamWindow,
        int connectionWindow,
        HeadLimits heads,
        int tableMost,
        boolean extendedConnect) {
    /** Streams at a time, where nothing else is said: a browser wants a page's worth, and nothing more is gained (RFC 9113, section 6.5.2). */
    public static final int STREAMS = 128;

    /** The table's size that everybody begins with (RFC 9113, section 6.5.2). */
    public static final int TABLE = 4096;

    public Http2Limits {
        if (streamsMost < 1 || streamWindow < 1 || connectionWindow < Frame.WINDOW || tableMost < 0) {
            throw new IllegalArgumentException("limits of HTTP/2: " + streamsMost + " streams, windows of "
                    + streamWindow + " and " + connectionWindow + " bytes, a table of " + tableMost);
        }
    }

    /**
     * Most packed bytes of one head: a head within the limits is rarely longer packed than plain, and one that is too large for us has to be
     * unpacked all the same, so that the table stays in step. Past that the connection ends.
     */
    int blockMost() {
        return Math.max(2 * heads.headMost(), Frame.PAYLOAD_MOST);
    }
}
