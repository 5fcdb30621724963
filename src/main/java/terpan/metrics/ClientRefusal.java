package terpan.metrics;

/** Why the edge refuses what a client sent, or did not send in time; with the status that it is answered with, 0 for none. */
public enum ClientRefusal {
    MALFORMED("malformed", 400),
    HEAD_TIMEOUT("head-timeout", 408),
    BODY_IDLE("body-idle", 408),
    BODY_RATE("body-rate", 408),
    BODY_TOO_LARGE("body-too-large", 413),
    CHUNK_OVERHEAD("chunk-overhead", 413),
    TARGET_TOO_LONG("target-too-long", 414),
    EXPECTATION("expectation", 417),
    MISDIRECTED("misdirected", 421),
    CONNECTIONS_PER_ADDRESS("connections-per-address", 429),
    REQUEST_RATE("request-rate", 429),
    WEBSOCKET_HANDSHAKE("websocket-handshake", 400),
    WEBSOCKET_VERSION("websocket-version", 426),
    TUNNELS_PER_ADDRESS("tunnels-per-address", 429),
    HEAD_TOO_LARGE("head-too-large", 431),
    FIELD_TOO_LARGE("field-too-large", 431),
    TOO_MANY_FIELDS("too-many-fields", 431),
    /** There is no room for its body, on disk or in memory. */
    NO_ROOM("no-room", 503),
    TUNNELS("tunnels", 503),
    NOT_IMPLEMENTED("not-implemented", 501),
    VERSION("version", 505),
    /** Cut, not answered: there is no client to talk to. */
    PROXY_HEADER("proxy-header", 0);

    private final String label;
    private final int status;

    ClientRefusal(String label, int status) {
        this.label = label;
        this.status = status;
    }

    /** The reason for a parser's refusal, by the status it is answered with; MALFORMED for one that is not in the table. */
    public static ClientRefusal ofStatus(int status) {
        return switch (status) {
            case 0 -> PROXY_HEADER;
            case 408 -> HEAD_TIMEOUT;
            case 413 -> BODY_TOO_LARGE;
            case 414 -> TARGET_TOO_LONG;
            case 417 -> EXPECTATION;
            case 421 -> MISDIRECTED;
            case 431 -> HEAD_TOO_LARGE;
            case 501 -> NOT_IMPLEMENTED;
            case 505 -> VERSION;
            default -> MALFORMED;
        };
    }

    public String label() {
        return label;
    }

    public int status() {
        return status;
    }
}
