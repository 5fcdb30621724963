package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Who sent a request, as worker and application shall see it; made once a client connection, or once a request behind a trusted
 * proxy. Kept as ASCII bytes, ready to be copied into a request.
 */
public final class Origin {
    static final byte[] NOTHING = new byte[0];

    private static final int SECURE_LENGTH = 5;

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

    /** What is told in fields. */
    public final ForwardedFields forwarded;

    /** The fields that say again what the words above say. */
    final ImpliedFields implied;

    /** An origin that X-Forwarded-For, -Proto and -Host tell of. */
    public Origin(String address, String port, String scheme, String serverName, String serverPort) {
        this(
                address,
                port,
                scheme,
                serverName,
                serverPort,
                new ForwardedFields()
                        .add(ForwardedFields.FOR, address)
                        .add(ForwardedFields.PROTO, scheme)
                        .ownHost());
    }

    public Origin(
            String address,
            String port,
            String scheme,
            String serverName,
            String serverPort,
            ForwardedFields forwarded) {
        this.address = address.getBytes(US_ASCII);
        this.port = port.getBytes(US_ASCII);
        this.scheme = scheme.getBytes(US_ASCII);
        this.serverName = serverName.getBytes(US_ASCII);
        this.serverPort = serverPort.getBytes(US_ASCII);
        this.forwarded = forwarded;
        this.implied = new ImpliedFields(this);
    }

    /** Whether the client speaks over TLS, to us or to a proxy in front that is believed. */
    public boolean secure() {
        return scheme.length == SECURE_LENGTH;
    }
}
