package terpan.tls;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * BoringSSL's engine. It is given whole records, so that no part of one waits where nobody counts it. A handshake goes on on the loop's thread as
 * long as that is quick: with a key of RSA, or a client's certificate to judge, it is a task.
 */
final class BoringEngine implements TlsEngine {
    private static final int HEADER = 5;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;
    private static final int MAJOR_VERSION = 3;

    /** Plain bytes of one record (RFC 8446, section 5.1). */
    private static final int PLAIN_MOST = 16 * 1024;

    /** Plain bytes of the first record, with which tickets may go. */
    private static final int FIRST_MOST = 8 * 1024;

    private static final byte UNEXPECTED_MESSAGE = 10;
    private static final byte HANDSHAKE_FAILURE = 40;
    private static final byte NO_APPLICATION_PROTOCOL = 120;

    private final BoringEngines engines;
    private final NativeConnection connection;
    private final NativeBuffers buffers;
    private final List<String> protocols;
    private final OfferedProtocols offered = new OfferedProtocols();

    private final boolean asks;

    private boolean done;
    private boolean wrote;
    private boolean chosen;
    private boolean judges;

    /** Computation is to go on, as a task. */
    private boolean computes;

    /** Our flight, or our tickets, are longer than what may wait. */
    private boolean goesOn;

    private boolean outputShut;
    private boolean failed;
    private boolean closed;

    /** What a task has met, until it can be told. */
    private @Nullable SSLException untold;

    /** What is said instead of all that BoringSSL would. */
    private byte[] alert = {};

    private String protocol = "";
    private String subject = "";

    /**
     * @param protocols those of ALPN, the preferred ones first
     * @param asks whether clients are asked for certificates
     */
    BoringEngine(
            BoringEngines engines,
            NativeConnection connection,
            NativeBuffers buffers,
            List<String> protocols,
            boolean asks) {
        this.engines = engines;
        this.connection = connection;
        this.buffers = buffers;
        this.protocols = protocols;
        this.asks = asks;
    }

    @Override
    public Next next() {
        if (computes) {
            return Next.TASK;
        }
        if (untold != null || goesOn || hasOutput()) {
            return Next.OUTPUT;
        }
        return done && !failed ? Next.NOTHING : Next.INPUT;
    }

    private boolean hasOutput() {
        return alert.length > 0 || connection.waits() > 0;
    }

    @Override
    public Status unwrap(ByteBuffer in, ByteBuffer out) throws SSLException {
        int length = record(in);
        if (length == 0) {
            return Status.NEEDS_INPUT;
        }
        buffers.from.clear().put(in.array(), in.arrayOffset() + in.position(), length);
        if (!chosen) {
            offered.add(in.array(), in.arrayOffset() + in.position(), length);
        }
        in.position(in.position() + length);
        if (!done) {
            handshake(length);
            return Status.DONE;
        }
        int count = read(length);
        if (count < 0) {
            inputEnds();
            return Status.CLOSED;
        }
        out.put(buffers.into.clear().limit(count));
        return Status.DONE;
    }

    private int read(int record) throws SSLException {
        try {
            return connection.read(buffers, record);
        } catch (SSLException broken) {
            failed = true;
            throw broken;
        }
    }

    /** Bytes of the record that comes next; 0: it is not whole. Of what is none BoringSSL is given the head alone, which it refuses. */
    private int record(ByteBuffer in) throws SSLException {
        int at = in.position();
        if (!done && !chosen && in.remaining() > 0 && !isKind(in.get(at))) {
            alert = alert(UNEXPECTED_MESSAGE);
            throw new SSLException("no record of TLS");
        }
        if (in.remaining() < HEADER) {
            return 0;
        }
        int length = HEADER + (Byte.toUnsignedInt(in.get(at + 3)) << Byte.SIZE) + Byte.toUnsignedInt(in.get(at + 4));
        if (in.get(at + 1) != MAJOR_VERSION || length > Records.MOST) {
            return HEADER;
        }
        return in.remaining() < length ? 0 : length;
    }

    private static boolean isKind(byte first) {
        return first >= ALERT - 1 && first <= APPLICATION_DATA;
    }

    /** In TLS 1.2 it ends both directions (RFC 5246, section 7.2.1). */
    private void inputEnds() {
        if (connection.version().equals("TLSv1.2")) {
            closeOutput();
        }
    }

    private void handshake(int record) throws SSLException {
        try {
            advance(connection.handshake(buffers, record));
        } catch (SSLException broken) {
            failed = true;
            throw broken;
        }
    }

    /** As far as it is quick. */
    private void advance(NativeConnection.Step first) throws SSLException {
        NativeConnection.Step step = first;
        while (step == NativeConnection.Step.CHOICE) {
            if (choose()) {
                computes = true;
                return;
            }
            step = goOn();
        }
        settle(step);
    }

    private boolean choose() throws SSLException {
        chosen = true;
        agree();
        NativeCertificates certificates = engines.certificates();
        try {
            return connection.choose(certificates, protocol.equals(ServerTls.CHALLENGE));
        } catch (SSLException none) {
            alert = alert(HANDSHAKE_FAILURE);
            throw none;
        } finally {
            certificates.giveBack();
        }
    }

    /** Finds the protocol that BoringSSL will agree on, which would go on without one where there is none. */
    private void agree() throws SSLException {
        Optional<List<String>> offers = offered.read();
        if (offers.isPresent()) {
            protocol = protocols.stream()
                    .filter(offers.get()::contains)
                    .findFirst()
                    .orElse("");
            if (protocol.isEmpty()) {
                alert = alert(NO_APPLICATION_PROTOCOL);
                throw new SSLException("the client offers no protocol of ours");
            }
        }
    }

    private NativeConnection.Step goOn() throws SSLException {
        return connection.handshake(null, 0);
    }

    private void settle(NativeConnection.Step step) throws SSLException {
        switch (step) {
            case DONE -> {
                goesOn = false;
                isDone();
            }
            case INPUT -> goesOn = false;
            case OUTPUT -> goesOn = true;
            case VERIFICATION -> {
                goesOn = false;
                judges = true;
                computes = true;
            }
            case CHOICE -> throw new IllegalStateException("certificates are chosen twice");
        }
    }

    private void isDone() throws SSLException {
        done = true;
        if (!protocol.equals(connection.protocol())) {
            throw new IllegalStateException("BoringSSL agreed on another protocol than " + protocol);
        }
        if (asks) {
            subject = subject(connection.peerCertificate());
            goesOn = !connection.writesTickets(buffers);
        }
    }

    private static String subject(byte @Nullable [] certificate) throws SSLException {
        if (certificate == null) {
            return "";
        }
        try {
            return ClientSubject.text(
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate)));
        } catch (CertificateException unreadable) {
            throw new SSLException(unreadable);
        }
    }

    @Override
    public Runnable task() {
        return () -> {
            try {
                if (judges) {
                    judges = false;
                    connection.verify();
                }
                settle(goOn());
            } catch (SSLException broken) {
                failed = true;
                untold = broken;
            } catch (RuntimeException fault) {
                failed = true;
                untold = new SSLException("computing failed", fault);
                throw fault;
            } finally {
                // Where it can not go on, nobody is to wait for it.
                computes = judges;
            }
        };
    }

    @Override
    public Status wrap(ByteBuffer in, ByteBuffer out) throws SSLException {
        SSLException met = untold;
        if (met != null) {
            untold = null;
            throw met;
        }
        if (alert.length > 0) {
            out.put(alert);
            alert = new byte[0];
            outputShut = true;
            connection.flush(buffers); // nobody hears of it
            return Status.CLOSED;
        }
        if (goesOn || hasOutput()) {
            out.put(buffers.into.clear().limit(connection.flush(buffers)));
            if (goesOn) {
                more();
            }
            return outputClosed() ? Status.CLOSED : Status.DONE;
        }
        if (outputShut || failed) {
            return Status.CLOSED;
        }
        return in.hasRemaining() ? write(in, out) : Status.DONE;
    }

    private void more() throws SSLException {
        if (done) {
            goesOn = !connection.writesTickets(buffers);
        } else {
            handshake(0);
        }
    }

    private Status write(ByteBuffer in, ByteBuffer out) throws SSLException {
        int length = Math.min(in.remaining(), wrote ? PLAIN_MOST : FIRST_MOST);
        buffers.from.clear().put(in.array(), in.arrayOffset() + in.position(), length);
        int count = connection.write(buffers, length);
        in.position(in.position() + length);
        out.put(buffers.into.clear().limit(count));
        wrote = true;
        return Status.DONE;
    }

    /** A fatal one in plain (RFC 8446, section 6.2): nothing is ciphered yet. */
    private static byte[] alert(byte what) {
        return new byte[] {ALERT, MAJOR_VERSION, 3, 0, 2, 2, what};
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public String clientSubject() {
        return subject;
    }

    @Override
    public void closeOutput() {
        if (!outputShut && done) {
            outputShut = true;
            connection.shutdown();
        }
    }

    @Override
    public boolean outputClosed() {
        return outputShut && !hasOutput();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            computes = false;
            connection.free();
            engines.giveBack();
        }
    }
}
