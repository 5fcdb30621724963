package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Who sent a request, as worker and application shall see it; made once a client connection. Kept as ASCII bytes, ready to be
 * copied into a request.
 */
public final class Origin {
    /** The client's address, empty for a client on a Unix socket. */
    public final byte[] address;

    /** The client's port in decimal digits, empty without one. */
    public final byte[] port;

    /** {@code http} or {@code https}. */
    public final byte[] scheme;

    /** Our own name or address as the listener has it. */
    public final byte[] serverName;

    /** Our own port in decimal digits, empty on a Unix socket. */
    public final byte[] serverPort;

    public Origin(String address, String port, String scheme, String serverName, String serverPort) {
        this.address = address.getBytes(US_ASCII);
        this.port = port.getBytes(US_ASCII);
        this.scheme = scheme.getBytes(US_ASCII);
        this.serverName = serverName.getBytes(US_ASCII);
        this.serverPort = serverPort.getBytes(US_ASCII);
    }
}
