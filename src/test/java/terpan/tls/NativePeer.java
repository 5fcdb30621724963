package terpan.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLContext;
import io.netty.internal.tcnative.SSLSession;
import io.netty.internal.tcnative.SSLSessionCache;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A client of BoringSSL's own as bytes in and bytes out, which is quick enough for very many of them. For one thread. */
final class NativePeer implements AutoCloseable {
    private static final int MOST = 64 * 1024;

    /** What clients of one kind share; it keeps the last session. */
    static final class Kind implements AutoCloseable, SSLSessionCache {
        private final long context;
        private long session;

        /**
         * @param newest whether it speaks TLS 1.3
         * @param protocols what it offers by ALPN
         */
        Kind(boolean newest, String... protocols) throws Exception {
            BoringSsl.load().ifPresent(why -> {
                throw new IllegalStateException(why);
            });
            context = SSLContext.make(
                    newest ? SSL.SSL_PROTOCOL_TLSV1_3 | SSL.SSL_PROTOCOL_TLSV1_2 : SSL.SSL_PROTOCOL_TLSV1_2,
                    SSL.SSL_MODE_CLIENT);
            SSLContext.setVerify(context, SSL.SSL_CVERIFY_REQUIRED, 10);
            SSLContext.setCertVerifyCallback(context, new TrustsAll());
            SSLContext.setSessionCacheMode(context, SSL.SSL_SESS_CACHE_CLIENT);
            SSLContext.setSSLSessionCache(context, this);
            if (protocols.length > 0) {
                SSLContext.setAlpnProtos(context, protocols, SSL.SSL_SELECTOR_FAILURE_NO_ADVERTISE);
            }
        }

        @Override
        public boolean sessionCreated(long ssl, long created) {
            forget();
            session = created;
            return true; // it is ours to free
        }

        @Override
        public long getSession(long ssl, byte[] id) {
            return 0;
        }

        /** The next client resumes nothing. */
        void forget() {
            if (session != 0) {
                SSLSession.free(session);
            }
            session = 0;
        }

        boolean canResume() {
            return session != 0;
        }

        @Override
        public void close() {
            forget();
            SSLContext.free(context);
        }
    }

    private static final class TrustsAll extends CertificateVerifier {
        @Override
        public int verify(long ssl, byte[][] chain, String kind) {
            return X509_V_OK;
        }
    }

    private final ByteBuffer memory = ByteBuffer.allocateDirect(MOST);
    private final long address = Buffer.address(memory);
    private final long ssl;
    private final long bio;
    private boolean open;
    private boolean failed;
    private boolean ended;
    private final StringBuilder text = new StringBuilder();

    NativePeer(Kind kind, String name) {
        ssl = SSL.newSSL(kind.context, false);
        bio = SSL.bioNewByteBuffer(ssl, MOST);
        SSL.setTlsExtHostName(ssl, name);
        if (kind.session != 0) {
            SSL.setSession(ssl, kind.session);
        }
        advance();
    }

    private void advance() {
        int result = SSL.doHandshake(ssl);
        if (result == 1) {
            open = true;
        } else if (SSL.getError(ssl, result) != SSL.SSL_ERROR_WANT_READ) {
            failed = true;
            SSL.clearError();
        }
    }

    /** What it has to send. */
    byte[] sends() {
        SSL.bioSetByteBuffer(bio, address, MOST, true);
        int count = SSL.bioFlushByteBuffer(bio);
        SSL.bioClearByteBuffer(bio);
        return taken(count);
    }

    private byte[] taken(int count) {
        byte[] bytes = new byte[count];
        memory.get(0, bytes);
        return bytes;
    }

    /** Makes records of a text, after the handshake; they wait to be sent. */
    void says(String plain) {
        byte[] bytes = plain.getBytes(ISO_8859_1);
        memory.put(0, bytes);
        SSL.writeToSSL(ssl, address, bytes.length);
    }

    /** Has a close_notify wait. */
    void closes() {
        SSL.shutdownSSL(ssl);
        SSL.clearError();
    }

    /** Takes what was sent to it. */
    void receives(byte[] bytes) {
        for (int at = 0; at < bytes.length && !failed; ) {
            byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + MOST / 2));
            at += piece.length;
            ByteBuffer in = ByteBuffer.allocateDirect(piece.length).put(piece);
            SSL.bioSetByteBuffer(bio, Buffer.address(in), piece.length, false);
            if (!open) {
                advance();
            }
            while (open && !ended && !failed && reads()) {}
            SSL.bioClearByteBuffer(bio);
        }
    }

    private boolean reads() {
        int count = SSL.readFromSSL(ssl, address, MOST);
        if (count > 0) {
            text.append(new String(taken(count), ISO_8859_1));
            return true;
        }
        int error = SSL.getError(ssl, count);
        ended = error == SSL.SSL_ERROR_ZERO_RETURN;
        failed = !ended && error != SSL.SSL_ERROR_WANT_READ;
        SSL.clearError();
        return false;
    }

    boolean isOpen() {
        return open;
    }

    boolean ended() {
        return ended;
    }

    boolean failed() {
        return failed;
    }

    boolean resumed() {
        return SSL.isSessionReused(ssl);
    }

    String protocol() {
        String agreed = SSL.getAlpnSelected(ssl);
        return agreed == null ? "" : agreed;
    }

    String text() {
        return text.toString();
    }

    @Override
    public void close() {
        SSL.freeSSL(ssl);
    }
}
