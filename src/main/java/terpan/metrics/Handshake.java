package terpan.metrics;

/** How a TLS handshake with a client ends. */
public enum Handshake {
    /** The client may send requests. */
    DONE("done"),
    /** What the client sent, or was sent, is not acceptable: no common version or suite, a certificate that it does not trust. */
    FAILED("failed"),
    /** It took too long. */
    TIMEOUT("timeout"),
    /** The client left before its end, or was sent away as Terpan stopped. */
    LEFT("left"),
    /** The client spoke plain HTTP, and was told so. */
    PLAIN_HTTP("plain-http");

    private final String label;

    Handshake(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
