package terpan.dispatch;

/**
 * What is known of the service time of routes: a bounded table by hash of method and path shape, so that two routes may
 * share an entry. {@link #number} is a pure function for the edge; the rest is guarded by the dispatcher's lock. The
 * estimate follows a high quantile: it rises by a quarter of the way to a slower answer and falls by a thirty-second to a
 * quicker one, so that a route of which one answer in twenty is slow counts as slow, and one hiccup is forgotten soon.
 */
public final class RouteTable {
    /** Routes told apart. */
    public static final int ROUTES = 1024;

    /** The number of a request whose route is not known; nothing is learned of it. */
    public static final int UNKNOWN = 0;

    private static final long SERVICE_MOST = 64_000_000;

    private final long[] services = new long[ROUTES];

    RouteTable() {}

    /**
     * The route of a request, 1 to 1,023: its method and the {@link RouteShape} of its path.
     *
     * @param method a number for the method
     * @param bytes where the request's target lies
     * @param start the target's first byte
     * @param end one past its last byte
     */
    public static int number(int method, byte[] bytes, int start, int end) {
        return number(RouteShape.hash(method, bytes, start, end));
    }

    /** The route of a request whose method and shape have this {@link RouteShape#hash}. */
    public static int number(int hash) {
        int spread = hash * 0x9E3779B9;
        return 1 + (spread >>> 16) % (ROUTES - 1);
    }

    /** The estimate, nanoseconds; 0 while nothing is known. */
    long service(int route) {
        return services[route & ROUTES - 1];
    }

    /** An answer of the route took this long. */
    void learn(int route, long nanos) {
        if (route == UNKNOWN) {
            return;
        }
        int entry = route & ROUTES - 1;
        long known = services[entry];
        long sample = Math.max(1, Math.min(nanos, SERVICE_MOST));
        if (known == 0) {
            services[entry] = sample;
        } else if (sample > known) {
            services[entry] = known + (sample - known) / 4;
        } else {
            services[entry] = Math.max(1, known - (known - sample) / 32);
        }
    }

    /** The route held others up: it takes at least this long. */
    void learnAtLeast(int route, long nanos) {
        int entry = route & ROUTES - 1;
        if (route != UNKNOWN && services[entry] < nanos) {
            services[entry] = Math.min(nanos, SERVICE_MOST);
        }
    }
}
