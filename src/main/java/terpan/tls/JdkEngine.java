package terpan.tls;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The JDK's own engine. */
final class JdkEngine implements TlsEngine {
    private final SSLEngine engine;

    JdkEngine(SSLEngine engine) throws SSLException {
        this.engine = engine;
        engine.beginHandshake();
    }

    @Override
    public Next next() {
        return switch (engine.getHandshakeStatus()) {
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> Next.INPUT;
            case NEED_WRAP -> Next.OUTPUT;
            case NEED_TASK -> Next.TASK;
            case FINISHED, NOT_HANDSHAKING -> Next.NOTHING;
        };
    }

    @Override
    public Status unwrap(ByteBuffer in, ByteBuffer out) throws SSLException {
        return status(engine.unwrap(in, out));
    }

    @Override
    public Status wrap(ByteBuffer in, ByteBuffer out) throws SSLException {
        return status(engine.wrap(in, out));
    }

    private static Status status(SSLEngineResult result) {
        return switch (result.getStatus()) {
            case OK -> Status.DONE;
            case BUFFER_UNDERFLOW -> Status.NEEDS_INPUT;
            case CLOSED -> Status.CLOSED;
            case BUFFER_OVERFLOW -> throw new IllegalStateException("a record is larger than any may be");
        };
    }

    @Override
    public Runnable task() {
        return () -> {
            Runnable part = engine.getDelegatedTask();
            while (part != null) {
                part.run();
                part = engine.getDelegatedTask();
            }
        };
    }

    @Override
    @SuppressWarnings("NullAway") // the JDK says null before the handshake is over
    public String protocol() {
        String agreed = engine.getApplicationProtocol();
        return agreed == null ? "" : agreed;
    }

    @Override
    public String clientSubject() {
        try {
            return ClientSubject.text(engine.getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException none) {
            return "";
        }
    }

    @Override
    public void closeOutput() {
        engine.closeOutbound();
    }

    @Override
    public boolean outputClosed() {
        return engine.isOutboundDone();
    }

    @Override
    public void close() {
        // It holds nothing but memory.
    }
}
