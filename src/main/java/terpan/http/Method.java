package terpan.http;

/** Request methods by number, so that hot code compares an int. */
public final class Method {
    public static final int OTHER = 0;
    public static final int GET = 1;
    public static final int HEAD = 2;
    public static final int POST = 3;
    public static final int PUT = 4;
    public static final int DELETE = 5;
    public static final int OPTIONS = 6;
    public static final int PATCH = 7;
    public static final int TRACE = 8;
    public static final int CONNECT = 9;

    private static final byte[][] NAMES = {
        {},
        {'G', 'E', 'T'},
        {'H', 'E', 'A', 'D'},
        {'P', 'O', 'S', 'T'},
        {'P', 'U', 'T'},
        {'D', 'E', 'L', 'E', 'T', 'E'},
        {'O', 'P', 'T', 'I', 'O', 'N', 'S'},
        {'P', 'A', 'T', 'C', 'H'},
        {'T', 'R', 'A', 'C', 'E'},
        {'C', 'O', 'N', 'N', 'E', 'C', 'T'},
    };

    private Method() {}

    /** The number of a method; names are case-sensitive (RFC 9110, section 9.1). The range must not be empty. */
    public static int of(byte[] bytes, int from, int to) {
        int candidate = switch (bytes[from]) {
            case 'G' -> GET;
            case 'H' -> HEAD;
            case 'P' ->
                switch (to - from) {
                    case 3 -> PUT;
                    case 4 -> POST;
                    default -> PATCH;
                };
            case 'D' -> DELETE;
            case 'O' -> OPTIONS;
            case 'T' -> TRACE;
            case 'C' -> CONNECT;
            default -> OTHER;
        };
        byte[] name = NAMES[candidate];
        if (name.length != to - from) {
            return OTHER;
        }
        for (int i = 0; i < name.length; i++) {
            if (bytes[from + i] != name[i]) {
                return OTHER;
            }
        }
        return candidate;
    }

    /** Whether a request may be sent a second time without harm (RFC 9110, section 9.2.2). */
    public static boolean idempotent(int method) {
        return switch (method) {
            case GET, HEAD, PUT, DELETE, OPTIONS, TRACE -> true;
            default -> false;
        };
    }
}
