package terpan.http;

/** Steps through comma-separated lists (RFC 9110, section 5.6.1). */
public final class Lists {
    private Lists() {}

    /** From the end of an element over optional space, a comma and optional space; -1 when no comma is there. */
    static int afterComma(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        if (at == to || bytes[at] != ',') {
            return -1;
        }
        at++;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Whether a list has this element, whatever its letters' case. */
    public static boolean has(byte[] bytes, int from, int to, byte[] lowered) {
        int at = from;
        while (at < to) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int last = end;
            while (at < last && Ascii.isSpace(bytes[at])) {
                at++;
            }
            while (last > at && Ascii.isSpace(bytes[last - 1])) {
                last--;
            }
            if (Ascii.equalsLowered(bytes, at, last, lowered)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }
}
