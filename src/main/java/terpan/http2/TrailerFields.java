package terpan.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.http.Refusal;

/** Judges the lines of trailers, which are dropped; also takes the lines of heads that nobody wants. One for each loop. */
final class TrailerFields implements FieldTaker {
    /** Most bytes of trailers, as in HTTP/1.1. */
    private static final int MOST = 8 * 1024;

    private byte[] scratch = new byte[1024];
    private boolean judges;
    private int size;
    private @Nullable Malformed malformed;
    private int refusal;

    /**
     * Begins.
     *
     * @param judged whether the lines matter; else they are only unpacked for the table's sake
     */
    void begin(boolean judged) {
        judges = judged;
        size = 0;
        malformed = null;
        refusal = 0;
    }

    @Override
    public byte[] reserve(int count) {
        if (scratch.length < count) {
            scratch = Arrays.copyOf(scratch, Math.max(count, 2 * scratch.length));
        }
        return scratch;
    }

    @Override
    public int end() {
        return 0;
    }

    @Override
    public boolean wants() {
        return judges && malformed == null && refusal == 0;
    }

    @Override
    public void take(int nameLength, int valueLength, int kind) {
        int name = kind & FieldKind.NAME;
        size += nameLength + valueLength + HpackTable.LINE_EXTRA;
        if (FieldKind.pseudo(name)) {
            malformed = Malformed.PSEUDO_IN_TRAILERS;
        } else if (name >= FieldKind.SPECIAL || kind > FieldKind.NAME) {
            malformed = Fault.malformed(name, kind);
            refusal = malformed == null ? Refusal.BAD_TRAILER.result() : 0;
        } else if (Fault.onlyInConnections(name)) {
            malformed = Malformed.CONNECTION_FIELD;
        } else if (size > MOST) {
            refusal = Refusal.TRAILER_TOO_LARGE.result();
        }
    }

    /** Null where nothing is. */
    @Nullable
    Malformed malformed() {
        return malformed;
    }

    /** 0 or a refusal's result. */
    int refusal() {
        return refusal;
    }

    /** Frees what a large head needed. */
    void trim() {
        if (scratch.length > Frame.PAYLOAD_MOST) {
            scratch = new byte[1024];
        }
    }
}
