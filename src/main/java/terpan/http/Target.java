package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Takes a request target apart (RFC 9112, section 3.2): origin form, absolute form, or asterisk form for OPTIONS. */
final class Target {
    private static final byte[] HTTP = "http://".getBytes(US_ASCII);
    private static final byte[] HTTPS = "https://".getBytes(US_ASCII);

    private Target() {}

    /**
     * Sets path and query, and the host when the target names one. Bytes beyond ASCII count as the escapes they will be.
     *
     * @return 0, or a refusal
     */
    static int read(RequestHead head, byte[] bytes, int targetMost) {
        int from = head.targetStart;
        int to = head.targetEnd;
        if (head.targetRaw && PercentEncoder.length(bytes, from, to) > targetMost) {
            return Refusal.TARGET_TOO_LONG.result();
        }
        byte first = bytes[from];
        if (first == '/') {
            return path(head, bytes, from, to);
        }
        if (first == '*' && to == from + 1 && head.method == Method.OPTIONS) {
            head.pathStart = from;
            head.pathEnd = to;
            return 0;
        }
        int authority = authorityStart(head, bytes, from, to);
        return authority < 0 ? Refusal.BAD_TARGET.result() : absolute(head, bytes, authority, to);
    }

    private static int authorityStart(RequestHead head, byte[] bytes, int from, int to) {
        if (begins(bytes, from, to, HTTP)) {
            return from + HTTP.length;
        }
        head.absoluteHttps = begins(bytes, from, to, HTTPS);
        return head.absoluteHttps ? from + HTTPS.length : -1;
    }

    private static boolean begins(byte[] bytes, int from, int to, byte[] scheme) {
        return to - from >= scheme.length && Ascii.equalsLowered(bytes, from, from + scheme.length, scheme);
    }

    private static int absolute(RequestHead head, byte[] bytes, int authority, int to) {
        int end = authority;
        while (end < to && bytes[end] != '/' && bytes[end] != '?') {
            end++;
        }
        if (!HostRules.valid(bytes, authority, end)) {
            return Refusal.BAD_HOST.result();
        }
        head.absolute = true;
        head.hostStart = authority;
        head.hostEnd = end;
        head.pathMissing = end == to || bytes[end] == '?';
        return path(head, bytes, end, to);
    }

    private static int path(RequestHead head, byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '?') {
            if (bytes[at] == '%') {
                if (!PercentDecoder.goodEscape(bytes, at, to)) {
                    return Refusal.BAD_ESCAPE.result();
                }
                head.pathEscaped = true;
                at += 2;
            }
            at++;
        }
        head.pathStart = from;
        head.pathEnd = at;
        if (at < to) {
            head.queryStart = at + 1;
            head.queryEnd = to;
        }
        return 0;
    }
}
