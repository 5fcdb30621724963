package terpan.http2;

/**
 * What a peer may do only so often: each costs us more than it, and none does anything for a request. A peer has so many at once,
 * and gets so many back each second.
 */
public enum Flood {
    /** Streams that the peer resets: each may have a worker at work already. A browser cancels a page's worth at once, but not for long. */
    RESETS("resets", 200, 20),

    /** Streams that it makes us reset, which costs the same and is no less an attack. */
    RESETS_CAUSED("resets-caused", 200, 20),

    /** CONTINUATION frames of one head, and bytes of it: two are enough for any head within the limits. */
    CONTINUATIONS("continuations", 32, 32),

    /** Frames that carry nothing: DATA without data and end, parts of a head without bytes. */
    EMPTY_FRAMES("empty-frames", 100, 10),

    /** SETTINGS; one is usual, a few are known. */
    SETTINGS("settings", 30, 2),

    /** PING; some clients measure with them for every few answers. */
    PINGS("pings", 200, 50),

    /** PRIORITY and PRIORITY_UPDATE; old clients send several for each request. */
    PRIORITIES("priorities", 500, 100),

    /** Window updates of few bytes; answers of few bytes bring some by right. */
    WINDOW_UPDATES("window-updates", 500, 100),

    /** Frames of types that nobody knows. */
    UNKNOWN_FRAMES("unknown-frames", 200, 20);

    private final String label;
    final int atOnce;
    final int perSecond;

    Flood(String label, int atOnce, int perSecond) {
        this.label = label;
        this.atOnce = atOnce;
        this.perSecond = perSecond;
    }

    /** Its place in an array of one run. */
    @SuppressWarnings("EnumOrdinal")
    int place() {
        return ordinal();
    }

    /** The name in metrics and logs. */
    public String label() {
        return label;
    }
}
