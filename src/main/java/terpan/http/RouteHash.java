package terpan.http;

/**
 * Folds method and path shape into an int, so that requests to one route meet in one place of a bounded table: {@code /item/17}
 * and {@code /item/18} are alike. Runs of digits count as one mark; a segment that is a long hexadecimal number or a UUID counts
 * as one mark. Collisions only blur what is learned.
 */
public final class RouteHash {
    private static final int PRIME = 0x01000193;
    private static final int BASIS = 0x811c9dc5;
    private static final int PATH_MOST = 256;
    private static final int IDENTIFIER_LEAST = 16;
    private static final byte DIGITS = '0';
    private static final byte IDENTIFIER = '#';

    private RouteHash() {}

    /** The number of the route of a complete head. */
    public static int of(RequestHead head) {
        return of(head.method, head.bytes, head.pathStart, head.pathEnd);
    }

    /** The number of the route of a method, a constant of {@link Method}, and a raw path without query. */
    public static int of(int method, byte[] bytes, int pathStart, int pathEnd) {
        int to = Math.min(pathEnd, pathStart + PATH_MOST);
        int hash = mix(BASIS, method);
        int at = pathStart;
        while (at < to) {
            int segmentEnd = at;
            boolean identifier = true;
            boolean digit = false;
            while (segmentEnd < to && bytes[segmentEnd] != '/') {
                byte b = bytes[segmentEnd++];
                identifier &= b == '-' || Ascii.hexValue(b) >= 0;
                digit |= Ascii.isDigit(b);
            }
            if (identifier && digit && segmentEnd - at >= IDENTIFIER_LEAST) {
                hash = mix(hash, IDENTIFIER);
            } else {
                hash = segment(hash, bytes, at, segmentEnd);
            }
            if (segmentEnd < to) {
                hash = mix(hash, '/');
            }
            at = segmentEnd + 1;
        }
        return hash ^ (hash >>> 16);
    }

    private static int segment(int before, byte[] bytes, int from, int to) {
        int hash = before;
        boolean inDigits = false;
        for (int i = from; i < to; i++) {
            boolean digit = Ascii.isDigit(bytes[i]);
            if (!digit) {
                hash = mix(hash, bytes[i]);
            } else if (!inDigits) {
                hash = mix(hash, DIGITS);
            }
            inDigits = digit;
        }
        return hash;
    }

    private static int mix(int hash, int value) {
        return (hash ^ value) * PRIME;
    }
}
