package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import terpan.http.Ascii;
import terpan.http.Field;

/**
 * What is known of a field line, in one number, so that a line from a table is judged once: the low byte is the name's number of
 * {@link Field} or one of those here, bits above tell what is wrong with the value.
 */
final class FieldKind {
    /** Not among those that the front acts on, but for HTTP/2 (RFC 9218). */
    static final int PRIORITY = 32;

    /** The kinds from here on are no good fields of a request's head: pseudo-fields, then bad names. */
    static final int SPECIAL = 40;

    static final int METHOD = 40;
    static final int SCHEME = 41;
    static final int AUTHORITY = 42;
    static final int PATH = 43;
    static final int PROTOCOL = 44;
    static final int PSEUDO_OTHER = 45;

    static final int UPPER_CASE = 50;
    static final int FORBIDDEN = 51;
    static final int NO_TOKEN = 52;
    static final int EMPTY = 53;

    static final int NAME = 0xff;
    static final int VALUE_BAD = 0x100;
    static final int VALUE_SPACED = 0x200;

    private static final byte[] PRIORITY_NAME = "priority".getBytes(US_ASCII);
    private static final byte[][] PSEUDO = {
        ":method".getBytes(US_ASCII),
        ":scheme".getBytes(US_ASCII),
        ":authority".getBytes(US_ASCII),
        ":path".getBytes(US_ASCII),
        ":protocol".getBytes(US_ASCII)
    };

    private FieldKind() {}

    static boolean pseudo(int name) {
        return name >= METHOD && name <= PSEUDO_OTHER;
    }

    /** The kind of a name. */
    static int ofName(byte[] bytes, int from, int to) {
        if (from == to) {
            return EMPTY;
        }
        if (bytes[from] == ':') {
            return pseudo(bytes, from, to);
        }
        boolean token = true;
        boolean underscore = false;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b >= 'a' && b <= 'z' || b == '-') {
                continue;
            }
            if (b >= 'A' && b <= 'Z') {
                return UPPER_CASE;
            }
            if (b <= ' ' || b == 0x7f || b == ':') {
                return FORBIDDEN;
            }
            underscore |= b == '_';
            token &= Ascii.isToken(b);
        }
        if (!token) {
            return NO_TOKEN;
        }
        if (underscore) {
            return Field.DROPPED;
        }
        byte number = Field.of(bytes, from, to);
        return number == Field.OTHER && same(bytes, from, to, PRIORITY_NAME) ? PRIORITY : number;
    }

    private static int pseudo(byte[] bytes, int from, int to) {
        for (int i = 0; i < PSEUDO.length; i++) {
            if (same(bytes, from, to, PSEUDO[i])) {
                return METHOD + i;
            }
        }
        return PSEUDO_OTHER;
    }

    private static boolean same(byte[] bytes, int from, int to, byte[] name) {
        return Arrays.equals(bytes, from, to, name, 0, name.length);
    }

    /** What is wrong with a value: bits to be added to its name's kind. */
    static int ofValue(byte[] bytes, int from, int to) {
        int kind = Ascii.isFieldValue(bytes, from, to) ? 0 : VALUE_BAD;
        if (from < to && (Ascii.isSpace(bytes[from]) || Ascii.isSpace(bytes[to - 1]))) {
            kind |= VALUE_SPACED;
        }
        return kind;
    }
}
