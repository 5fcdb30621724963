package terpan.edge.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An entity tag (RFC 9110, section 8.8.3). Immutable. */
public final class EntityTag {
    private static final int WEAK = 2;

    private final byte[] text;
    private final boolean weak;

    private EntityTag(byte[] text, boolean weak) {
        this.text = text;
        this.weak = weak;
    }

    /** As it is written; not to be changed. */
    public byte[] text() {
        return text;
    }

    /** Whether it begins with {@code W/}. */
    boolean weak() {
        return weak;
    }

    /** Of what is between the quotes; ASCII. */
    static EntityTag of(String opaque, boolean weak) {
        return new EntityTag(((weak ? "W/\"" : "\"") + opaque + "\"").getBytes(US_ASCII), weak);
    }

    /** One that is written in a range of bytes; null where it is none. */
    public static @Nullable EntityTag read(byte[] bytes, int from, int to) {
        int end = end(bytes, from, to);
        return end == to ? new EntityTag(Arrays.copyOfRange(bytes, from, to), bytes[from] == 'W') : null;
    }

    /** One past the tag that begins there; -1 where none does. */
    private static int end(byte[] bytes, int from, int to) {
        int at = to - from > WEAK && bytes[from] == 'W' && bytes[from + 1] == '/' ? from + WEAK : from;
        if (at >= to || bytes[at] != '"') {
            return -1;
        }
        for (at++; at < to; at++) {
            if (bytes[at] == '"') {
                return at + 1;
            }
            if (bytes[at] >= 0 && bytes[at] <= ' ') {
                return -1;
            }
        }
        return -1;
    }

    /**
     * Whether a list has this tag, or is an asterisk. What stands behind something that is no tag does not count.
     *
     * @param strongly whether weak ones, and a weak one here, are none (RFC 9110, section 8.8.3.2)
     */
    boolean isIn(byte[] bytes, int from, int to, boolean strongly) {
        if (to - from == 1 && bytes[from] == '*') {
            return true;
        }
        int at = from;
        while (at < to) {
            if (bytes[at] == ',' || bytes[at] == ' ' || bytes[at] == '\t') {
                at++;
                continue;
            }
            int end = end(bytes, at, to);
            if (end < 0) {
                return false;
            }
            if (is(bytes, at, end, strongly)) {
                return true;
            }
            at = end;
        }
        return false;
    }

    /** Whether a range is this tag. */
    boolean is(byte[] bytes, int from, int to, boolean strongly) {
        boolean otherWeak = bytes[from] == 'W';
        if (strongly && (weak || otherWeak)) {
            return false;
        }
        int begin = otherWeak ? from + WEAK : from;
        return Arrays.equals(bytes, begin, to, text, weak ? WEAK : 0, text.length);
    }

    @Override
    public String toString() {
        return new String(text, US_ASCII);
    }
}
