package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Fields that the front itself acts on, by number, so that hot code compares a byte. Names are found by a small hash over
 * length, first and last letter; two families ({@code X-Forwarded*} and our own private ones) by their beginning.
 */
public final class Field {
    public static final byte OTHER = 0;
    public static final byte HOST = 1;
    public static final byte CONTENT_LENGTH = 2;
    public static final byte TRANSFER_ENCODING = 3;
    public static final byte CONNECTION = 4;
    public static final byte KEEP_ALIVE = 5;
    public static final byte PROXY_CONNECTION = 6;
    public static final byte TE = 7;
    public static final byte TRAILER = 8;
    public static final byte UPGRADE = 9;
    public static final byte EXPECT = 10;
    public static final byte FORWARDED = 11;

    /** {@code X-Forwarded-*} and {@code X-Real-IP}. */
    public static final byte X_FORWARDED = 12;

    /** Names beginning with {@code X-Terpan-}: between front and worker alone. */
    public static final byte PRIVATE = 13;

    public static final byte COOKIE = 14;
    public static final byte CONTENT_TYPE = 15;
    public static final byte DATE = 16;
    public static final byte SERVER = 17;

    /**
     * Never passed on: named by a Connection field, has an underscore (it would collide with another in a CGI variable), or
     * means something else there ({@code Proxy}, {@code HTTP2-Settings}).
     */
    public static final byte DROPPED = 18;

    public static final byte VIA = 19;
    public static final byte X_REQUEST_ID = 20;
    public static final byte ACCEPT_ENCODING = 21;
    public static final byte CONTENT_ENCODING = 22;
    public static final byte CONTENT_RANGE = 23;
    public static final byte CACHE_CONTROL = 24;
    public static final byte ETAG = 25;
    public static final byte VARY = 26;
    public static final byte ACCEPT_RANGES = 27;

    /** Of a body as it is sent: {@code Content-MD5}, {@code Content-Digest} (RFC 9530) and {@code Digest}. */
    public static final byte DIGEST = 28;

    /** {@code X-Sendfile}: of an answer, whose body is a file on disk. */
    public static final byte SENDFILE = 29;

    /** {@code X-Accel-Redirect}: the same, by a path of a request. */
    public static final byte ACCEL_REDIRECT = 30;

    /** {@code traceparent} and {@code tracestate}: to which trace a request belongs ({@link TraceParent}). */
    public static final byte TRACEPARENT = 31;

    public static final byte TRACESTATE = 32;

    /** How many numbers there are: all are below it. */
    public static final int COUNT = 33;

    /** The field by which the front tells a launcher who the client is. */
    public static final String PRIVATE_NAME = "X-Terpan-Origin";

    private static final long HOP_BY_HOP = (1L << CONNECTION)
            | (1L << KEEP_ALIVE)
            | (1L << PROXY_CONNECTION)
            | (1L << TE)
            | (1L << TRAILER)
            | (1L << TRANSFER_ENCODING)
            | (1L << UPGRADE)
            | (1L << DROPPED);

    private static final int SLOTS = 256;
    private static final byte[][] NAMES = new byte[SLOTS][];
    private static final byte[] NUMBERS = new byte[SLOTS];
    private static final byte[] X_FORWARDED_BEGIN = "x-forwarded".getBytes(US_ASCII);
    private static final byte[] PRIVATE_BEGIN = "x-terpan-".getBytes(US_ASCII);

    static {
        know("host", HOST);
        know("content-length", CONTENT_LENGTH);
        know("transfer-encoding", TRANSFER_ENCODING);
        know("connection", CONNECTION);
        know("keep-alive", KEEP_ALIVE);
        know("proxy-connection", PROXY_CONNECTION);
        know("te", TE);
        know("trailer", TRAILER);
        know("upgrade", UPGRADE);
        know("expect", EXPECT);
        know("forwarded", FORWARDED);
        know("x-real-ip", X_FORWARDED);
        know("cookie", COOKIE);
        know("content-type", CONTENT_TYPE);
        know("date", DATE);
        know("server", SERVER);
        know("via", VIA);
        know("x-request-id", X_REQUEST_ID);
        know("x-sendfile", SENDFILE);
        know("x-accel-redirect", ACCEL_REDIRECT);
        know("accept-encoding", ACCEPT_ENCODING);
        know("content-encoding", CONTENT_ENCODING);
        know("content-range", CONTENT_RANGE);
        know("cache-control", CACHE_CONTROL);
        know("etag", ETAG);
        know("vary", VARY);
        know("accept-ranges", ACCEPT_RANGES);
        know("content-md5", DIGEST);
        know("content-digest", DIGEST);
        know("digest", DIGEST);
        know("traceparent", TRACEPARENT);
        know("tracestate", TRACESTATE);
        know("proxy", DROPPED);
        know("http2-settings", DROPPED);
    }

    private Field() {}

    /** Whether a field is for this connection alone and never passed on (RFC 9110, section 7.6.1); {@link #DROPPED}, too. */
    public static boolean hopByHop(byte field) {
        return ((HOP_BY_HOP >>> field) & 1) != 0;
    }

    /** The number of a name; the range must not be empty. */
    public static byte of(byte[] bytes, int from, int to) {
        int first = Ascii.lower(bytes[from]);
        int slot = slot(to - from, first, Ascii.lower(bytes[to - 1]));
        byte[] name = NAMES[slot];
        while (name != null) {
            if (Ascii.equalsLowered(bytes, from, to, name)) {
                return NUMBERS[slot];
            }
            slot = (slot + 1) & (SLOTS - 1);
            name = NAMES[slot];
        }
        return first == 'x' ? family(bytes, from, to) : OTHER;
    }

    private static byte family(byte[] bytes, int from, int to) {
        if (begins(bytes, from, to, X_FORWARDED_BEGIN)) {
            return X_FORWARDED;
        }
        return begins(bytes, from, to, PRIVATE_BEGIN) ? PRIVATE : OTHER;
    }

    private static boolean begins(byte[] bytes, int from, int to, byte[] begin) {
        return to - from >= begin.length && Ascii.equalsLowered(bytes, from, from + begin.length, begin);
    }

    private static void know(String name, byte number) {
        byte[] bytes = name.getBytes(US_ASCII);
        int slot = slot(bytes.length, bytes[0], bytes[bytes.length - 1]);
        while (NAMES[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        NAMES[slot] = bytes;
        NUMBERS[slot] = number;
    }

    private static int slot(int length, int first, int last) {
        return (length * 37 + first * 7 + last) & (SLOTS - 1);
    }
}
