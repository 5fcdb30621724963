package terpan.dispatch;

/**
 * The shape of a path: a segment of digits only, or a long one with a digit in it, is taken for a key and left out; the query is no part of
 * it. Pure functions over bytes.
 */
public final class RouteShape {
    private static final int PATH_MOST = 256;
    private static final int ID_LENGTH = 16;
    private static final int TEXT_MOST = 120;

    private RouteShape() {}

    /**
     * A hash of method and shape: the same for requests of one route.
     *
     * @param method a number for the method
     * @param bytes where the request's target lies
     * @param start the target's first byte
     * @param end one past its last byte
     */
    public static int hash(int method, byte[] bytes, int start, int end) {
        int hash = 31 + method;
        int stop = Math.min(end, start + PATH_MOST);
        int at = start;
        while (at < stop && bytes[at] != '?') {
            int segment = at;
            int inSegment = 7;
            int digits = 0;
            do {
                byte octet = bytes[at++];
                digits += octet >= '0' && octet <= '9' ? 1 : 0;
                inSegment = 31 * inSegment + octet;
            } while (at < stop && bytes[at] != '/' && bytes[at] != '?');
            int length = at - segment - (bytes[segment] == '/' ? 1 : 0);
            hash = 31 * hash + (isKey(digits, length) ? 1 : inSegment);
        }
        return hash;
    }

    private static boolean isKey(int digits, int length) {
        return digits > 0 && (digits == length || length >= ID_LENGTH);
    }

    /** The method and the shape as a person reads them, such as {@code GET /report/{}}, cut after 120 characters; for what is not hot. */
    public static String text(String method, byte[] bytes, int start, int end) {
        StringBuilder text = new StringBuilder(method).append(' ');
        int stop = Math.min(end, start + PATH_MOST);
        int at = start;
        while (at < stop && bytes[at] != '?') {
            int segment = at;
            int digits = 0;
            do {
                byte octet = bytes[at++];
                digits += octet >= '0' && octet <= '9' ? 1 : 0;
            } while (at < stop && bytes[at] != '/' && bytes[at] != '?');
            boolean rooted = bytes[segment] == '/';
            if (isKey(digits, at - segment - (rooted ? 1 : 0))) {
                text.append(rooted ? "/{}" : "{}");
            } else {
                text.append(printable(bytes, segment, at));
            }
        }
        return text.length() > TEXT_MOST ? text.substring(0, TEXT_MOST) + "..." : text.toString();
    }

    private static String printable(byte[] bytes, int start, int end) {
        StringBuilder shown = new StringBuilder(end - start);
        for (int i = start; i < end; i++) {
            byte octet = bytes[i];
            shown.append(octet > ' ' && octet < 0x7f ? (char) octet : '?');
        }
        return shown.toString();
    }
}
