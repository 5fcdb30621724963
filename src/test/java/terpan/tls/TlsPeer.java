package terpan.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** The client's end of a TLS connection as bytes in and bytes out: what it would send is asked for, what was sent to it is given. */
public final class TlsPeer {
    /** Sessions are resumed at the same port: each has one of its own, and its first words are as long as another's. */
    private static final AtomicInteger PORTS = new AtomicInteger();

    private final SSLEngine engine;
    private final StringBuilder plain = new StringBuilder();
    private byte[] unread = new byte[0];
    private boolean ended;

    /**
     * @param versions those that it offers; none: what the JDK offers
     */
    public TlsPeer(String... versions) {
        engine = TestCertificates.TRUSTING.createSSLEngine("shop.example", PORTS.incrementAndGet());
        engine.setUseClientMode(true);
        if (versions.length > 0) {
            engine.setEnabledProtocols(versions);
        }
    }

    /** One that offers this alone by ALPN. */
    public static TlsPeer speaking(String protocol, String... versions) {
        TlsPeer peer = new TlsPeer(versions);
        SSLParameters parameters = peer.engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        peer.engine.setSSLParameters(parameters);
        return peer;
    }

    /** The certificate that it was shown. */
    public X509Certificate shown() throws SSLException {
        return (X509Certificate) engine.getSession().getPeerCertificates()[0];
    }

    /** Everything that it has to send of its own: the handshake, and answers to what it was given. */
    public byte[] sends() {
        byte[] out = new byte[0];
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    byte[] record = wrap(ByteBuffer.allocate(0));
                    out = joined(out, record);
                    if (record.length == 0) {
                        return out; // it has given up
                    }
                }
                case NEED_TASK -> engine.getDelegatedTask().run();
                default -> {
                    return out;
                }
            }
        }
    }

    /** Begins the handshake: what it sends first. */
    public byte[] begins() {
        try {
            engine.beginHandshake();
        } catch (SSLException impossible) {
            throw new IllegalStateException(impossible);
        }
        return sends();
    }

    /** A text in records of its own, as large as they may be. */
    public byte[] sends(String text) {
        ByteBuffer left = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        byte[] out = new byte[0];
        while (left.hasRemaining()) {
            out = joined(out, wrap(left));
        }
        return out;
    }

    /** Its close_notify. */
    public byte[] closes() {
        engine.closeOutbound();
        return sends();
    }

    /** Asks for another handshake. */
    public byte[] begsAgain() {
        return begins();
    }

    private byte[] wrap(ByteBuffer text) {
        ByteBuffer out = ByteBuffer.allocate(64 * 1024);
        try {
            engine.wrap(text, out);
        } catch (SSLException broken) {
            throw new AssertionError(broken);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** Takes what was sent to it. */
    public void receives(byte[] bytes) throws SSLException {
        unread = joined(unread, bytes);
        ByteBuffer in = ByteBuffer.wrap(unread);
        while (in.hasRemaining() && !ended) {
            ByteBuffer out = ByteBuffer.allocate(64 * 1024);
            SSLEngineResult result = engine.unwrap(in, out);
            plain.append(new String(out.array(), 0, out.position(), ISO_8859_1));
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                break;
            }
            ended = result.getStatus() == SSLEngineResult.Status.CLOSED;
            if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            }
            if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
                break;
            }
        }
        unread = Arrays.copyOfRange(unread, in.position(), unread.length);
    }

    /** Whether it may send requests. */
    public boolean isOpen() {
        return engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
                && engine.getSession().isValid()
                && !engine.getSession().getCipherSuite().equals("SSL_NULL_WITH_NULL_NULL");
    }

    /** Whether it was sent a close_notify. */
    public boolean ended() {
        return ended;
    }

    public String version() {
        return engine.getSession().getProtocol();
    }

    /** What it was sent since the last call. */
    public String text() {
        String text = plain.toString();
        plain.setLength(0);
        return text;
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
