package terpan.http;

/** Steps through comma-separated lists (RFC 9110, section 5.6.1). */
final class Lists {
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
}
