package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.coding.AcceptedCodings;
import terpan.coding.BodyEncoder;
import terpan.config.Settings;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.Lists;
import terpan.http.Method;
import terpan.http.RequestHead;
import terpan.metrics.Limit;

/**
 * Compresses the bodies of one exchange's answers where its application asks for it, the client takes it, and it gains: not what is coded
 * already, a part (RFC 9110, section 14), or not to be transformed (RFC 9111, section 5.2.2.6). Fields that depend on it are held back until the
 * head is complete. Costs nothing where the application does not ask. Belongs to the loop's thread.
 */
final class AnswerCoding implements BodyEncoder.Out {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerCoding.class);

    /** What is held back until it is known whether the body is coded. */
    static final long HELD = (1L << Field.ETAG) | (1L << Field.VARY) | (1L << Field.ACCEPT_RANGES);

    private static final byte[] ETAG = "ETag".getBytes(US_ASCII);
    private static final byte[] VARY = "Vary".getBytes(US_ASCII);
    private static final byte[] ACCEPT_RANGES = "Accept-Ranges".getBytes(US_ASCII);
    private static final byte[] CONTENT_ENCODING = "Content-Encoding".getBytes(US_ASCII);
    private static final byte[] ACCEPT_ENCODING = "Accept-Encoding".getBytes(US_ASCII);
    private static final byte[] LOWERED_ACCEPT_ENCODING = "accept-encoding".getBytes(US_ASCII);
    private static final byte[] ANY = {'*'};
    private static final byte[] NO_TRANSFORM = "no-transform".getBytes(US_ASCII);
    private static final byte[] IF_NONE_MATCH = "if-none-match".getBytes(US_ASCII);
    private static final byte[] WEAK = {'W', '/'};
    private static final byte[] NOTHING = {};

    /** A shorter piece comes from whoever gives a bit at a time, and wants it seen. */
    private static final int SMALL_PIECE = 8 * 1024;

    private static final int PARTIAL = 206;
    private static final int NOT_MODIFIED = 304;

    /** Bytes of a field that is held back, of all its lines together. */
    private static final int HELD_MOST = 8 * 1024;

    private final Edge edge;
    private final AnswerSink sink;
    private @Nullable Compression wish;

    // Of the answer that has begun.
    private boolean typed;
    private boolean barred;
    private byte[] etag = NOTHING;
    private byte[] vary = NOTHING;
    private byte[] ranges = NOTHING;

    // Of one that is coded.
    private boolean decided;
    private @Nullable BodyEncoder encoder;
    private Settings.Coding coding = Settings.Coding.GZIP;
    private int level;
    private boolean streamed;
    private long left;
    private boolean broken;

    AnswerCoding(Edge edge, AnswerSink sink) {
        this.edge = edge;
        this.sink = sink;
    }

    /** The answers of a request are judged by this from now on; null: none is compressed. */
    void begin(@Nullable Compression its) {
        wish = its;
        restart();
    }

    /** Whether answers are looked at. */
    boolean isOn() {
        return wish != null;
    }

    /** Whether the body is coded. */
    boolean codes() {
        return encoder != null;
    }

    /** Whether the body may be a file, whose bytes are not seen here; while that is not known it may not. */
    boolean takesFiles() {
        return wish == null || (decided && encoder == null);
    }

    /** Another answer begins, and nothing is known of it. */
    void restart() {
        drop();
        broken = false;
        decided = false;
        typed = false;
        barred = false;
        etag = NOTHING;
        vary = NOTHING;
        ranges = NOTHING;
    }

    /** What is coded is not wanted any more, or is whole. */
    void drop() {
        BodyEncoder used = encoder;
        if (used != null) {
            encoder = null;
            edge.coding.give(coding, level, used);
        }
    }

    /** A field of the answer, which is one of {@link #HELD} or passed on besides; false: it can not be passed on. */
    boolean notice(byte number, byte[] bytes, int from, int to) {
        if (((HELD >>> number) & 1) != 0 && vary.length + to - from > HELD_MOST) {
            return false;
        }
        switch (number) {
            case Field.CONTENT_TYPE -> {
                Compression its = wish;
                typed = its != null && its.takes(bytes, from, to);
            }
            case Field.CONTENT_ENCODING, Field.CONTENT_RANGE, Field.DIGEST -> barred = true;
            case Field.CACHE_CONTROL -> barred |= Lists.has(bytes, from, to, NO_TRANSFORM);
            case Field.ETAG -> etag = Arrays.copyOfRange(bytes, from, to);
            case Field.ACCEPT_RANGES -> ranges = Arrays.copyOfRange(bytes, from, to);
            case Field.VARY -> vary = joined(vary, bytes, from, to);
            default -> {
                return true;
            }
        }
        return ((HELD >>> number) & 1) == 0 || Ascii.isFieldValue(bytes, from, to);
    }

    private static byte[] joined(byte[] before, byte[] bytes, int from, int to) {
        if (before.length == 0) {
            return Arrays.copyOfRange(bytes, from, to);
        }
        byte[] both = Arrays.copyOf(before, before.length + 2 + to - from);
        both[before.length] = ',';
        both[before.length + 1] = ' ';
        System.arraycopy(bytes, from, both, before.length + 2, to - from);
        return both;
    }

    /**
     * The answer's own fields are complete: decides, and writes those that were held back.
     *
     * @return the length to be told; -1: only the end will tell
     */
    long headEnd(RequestHead request, int status, long length) {
        Compression its = wish;
        decided = true;
        if (its == null) {
            return length;
        }
        boolean varies = typed && !barred && status >= 200 && status != PARTIAL;
        if (status == NOT_MODIFIED) {
            notModified(request);
            return length;
        }
        boolean bodiless = length == 0 || status == 204;
        boolean codes = varies && !bodiless && (length < 0 || length >= its.settings.least());
        Settings.Coding best =
                codes && request.version >= 11 ? AcceptedCodings.best(request, its.settings.codings()) : null;
        if (best != null && request.method != Method.HEAD) {
            coding = best;
            level = its.settings.level(best);
            encoder = edge.coding.encoder(best, level);
            if (encoder == null) {
                edge.metrics.limitReached(Limit.ENCODERS);
                best = null;
            }
            streamed = length < 0;
            left = length;
        }
        fields(varies, best);
        return best == null ? length : -1;
    }

    /** What the client has may be what was coded: a cache has to see that it is the same (RFC 9110, section 15.4.5). */
    private void notModified(RequestHead request) {
        vary();
        put(ETAG, etag.length > 0 && etag[0] == '"' && wants(request, weak(etag)) ? weak(etag) : etag);
        put(ACCEPT_RANGES, ranges);
    }

    /** Whether a condition of the request names this tag. */
    private static boolean wants(RequestHead request, byte[] tag) {
        for (int i = 0; i < request.fieldCount; i++) {
            if (Ascii.equalsLowered(request.bytes, request.nameStart[i], request.nameEnd[i], IF_NONE_MATCH)
                    && indexOf(request.bytes, request.valueStart[i], request.valueEnd[i], tag) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static int indexOf(byte[] bytes, int from, int to, byte[] what) {
        for (int at = from; at + what.length <= to; at++) {
            if (Arrays.equals(bytes, at, at + what.length, what, 0, what.length)) {
                return at;
            }
        }
        return -1;
    }

    private void vary() {
        if (!Lists.has(vary, 0, vary.length, LOWERED_ACCEPT_ENCODING) && !Lists.has(vary, 0, vary.length, ANY)) {
            vary = joined(vary, ACCEPT_ENCODING, 0, ACCEPT_ENCODING.length);
        }
        put(VARY, vary);
    }

    private void fields(boolean varies, Settings.@Nullable Coding best) {
        if (best != null) {
            sink.field(CONTENT_ENCODING, AcceptedCodings.name(best));
        }
        if (varies) {
            vary();
        } else {
            put(VARY, vary);
        }
        // What is coded is another representation, of which no byte is the same.
        put(ETAG, best != null && etag.length > 0 && etag[0] == '"' ? weak(etag) : etag);
        if (best == null) {
            put(ACCEPT_RANGES, ranges);
        }
    }

    private void put(byte[] name, byte[] value) {
        if (value.length > 0) {
            sink.field(name, value);
        }
    }

    private static byte[] weak(byte[] strong) {
        byte[] weak = Arrays.copyOf(WEAK, WEAK.length + strong.length);
        System.arraycopy(strong, 0, weak, WEAK.length, strong.length);
        return weak;
    }

    /** A piece of a body that is coded. */
    void body(byte[] bytes, int from, int to) {
        BodyEncoder used = encoder;
        if (used == null || from == to) {
            return;
        }
        left -= to - from;
        edge.coding.take(to - from);
        boolean flush = streamed || (to - from < SMALL_PIECE && left > 0);
        try {
            used.write(bytes, from, to, flush, this);
        } catch (RuntimeException fault) {
            breaks(fault);
        }
    }

    /** The client can not have the rest, and must not take what it has for the whole. */
    private void breaks(RuntimeException fault) {
        LOG.atError().setCause(fault).log("an answer could not be compressed");
        broken = true;
        drop();
    }

    /** Whether the answer broke off, for its body could not be coded. */
    boolean isBroken() {
        return broken;
    }

    /** Whether this turn of the loop has time for more. */
    boolean mayCode() {
        return encoder == null || edge.coding.isLeft();
    }

    @Override
    public void coded(byte[] bytes, int from, int to) {
        sink.body(bytes, from, to);
    }

    /** The body is whole. */
    void end() {
        BodyEncoder used = encoder;
        if (used == null) {
            return;
        }
        try {
            used.end(this);
            drop();
        } catch (RuntimeException fault) {
            breaks(fault);
        }
    }
}
