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

    private Method() {}

    /** Whether a request may be sent a second time without harm (RFC 9110, section 9.2.2). */
    public static boolean idempotent(int method) {
        return switch (method) {
            case GET, HEAD, PUT, DELETE, OPTIONS, TRACE -> true;
            default -> false;
        };
    }
}
