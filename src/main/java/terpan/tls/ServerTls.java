package terpan.tls;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import terpan.certificate.ServerCertificate;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.metrics.LoopMetrics;

/** TLS of all listeners that speak it: certificates, versions, sessions. Thread-safe. */
public final class ServerTls implements AutoCloseable {
    /** What HTTP/2 is called in ALPN (RFC 9113, section 3.2). */
    public static final String HTTP_2 = "h2";

    /** By this name in ALPN an authority looks whether a name is ours: nothing is spoken after the handshake (RFC 8737, section 3). */
    public static final String CHALLENGE = "acme-tls/1";

    /** What may be agreed on by ALPN (RFC 7301, section 6), the preferred ones first. */
    private static final List<String> PROTOCOLS = List.of(HTTP_2, "http/1.1", "http/1.0", CHALLENGE);

    private final Executor computing;
    private volatile long handshakeNanos;

    /** Guarded for writing. */
    private volatile Used used;

    /** Whose engines, and what they show. */
    private record Used(TlsLibrary library, TlsEngines engines, CertificateTable table) {}

    private List<ServerCertificate> certificates; // guarded by this
    private Map<String, ServerCertificate> challenges = Map.of(); // guarded by this

    /**
     * @param certificates the first is for clients that name none of the others' hosts; without any, handshakes fail
     * @param rules versions and suites
     * @param handshake how long a client may take for its handshake
     * @param computing does the long computations of handshakes, one at a time for each connection; it may refuse some as it ends
     */
    public ServerTls(List<ServerCertificate> certificates, TlsRules rules, Duration handshake, Executor computing) {
        this.certificates = certificates;
        this.used = begin(rules, new CertificateTable(certificates, challenges));
        this.handshakeNanos = handshake.toNanos();
        this.computing = computing;
    }

    private static Used begin(TlsRules rules, CertificateTable table) {
        TlsEngines engines = switch (rules.library()) {
            case BORINGSSL ->
                new BoringEngines(
                        table,
                        rules,
                        PROTOCOLS,
                        new TicketKeys(new SecureRandom(), TicketKeys.TURN, System.nanoTime()));
            case JDK -> new JdkEngines(table, rules, PROTOCOLS);
        };
        return new Used(rules.library(), engines, table);
    }

    /** What one loop needs; it belongs to that loop's thread. */
    public LoopTls on(Loop loop, BufferPool pool, LoopMetrics metrics) {
        return new LoopTls(loop, pool, metrics, this);
    }

    /** Why the engines that are used now take none of these certificates' keys or chains; empty: they take all. */
    public Optional<String> refuses(List<ServerCertificate> certificates) {
        return library() == TlsLibrary.BORINGSSL ? BoringSsl.refuses(certificates) : Optional.empty();
    }

    /** Handshakes that begin from now on are done with these, none of which is refused. */
    public synchronized void certificates(List<ServerCertificate> newer) {
        certificates = newer;
        use();
    }

    /** Whoever asks by {@link #CHALLENGE} for one of these names, in small letters, is shown its certificate from now on. */
    public synchronized void challenges(Map<String, ServerCertificate> now) {
        challenges = now;
        use();
    }

    private void use() {
        CertificateTable table = new CertificateTable(certificates, challenges);
        used.engines().change(table);
        used = new Used(used.library(), used.engines(), table);
    }

    /**
     * Handshakes that begin from now on are done by these rules and may take so long. By another library's engine sessions are not resumed
     * that began by the one before.
     */
    public synchronized void change(TlsRules rules, Duration handshake) {
        Used before = used;
        if (before.library() == rules.library()) {
            before.engines().change(rules);
        } else {
            used = begin(rules, before.table());
            before.engines().close();
        }
        handshakeNanos = handshake.toNanos();
    }

    /** Whose engines handshakes begin with. */
    public TlsLibrary library() {
        return used.library();
    }

    /** No handshake begins any more; connections go on until they end. */
    @Override
    public synchronized void close() {
        used.engines().close();
    }

    TlsEngine engine(LoopTls loop) {
        Used present = used;
        while (true) {
            TlsEngine engine = present.engines().engine(loop);
            if (engine != null) {
                return engine;
            }
            if (present == used) {
                throw new IllegalStateException("TLS has ended");
            }
            present = used;
        }
    }

    long handshakeNanos() {
        return handshakeNanos;
    }

    void compute(Runnable task) {
        computing.execute(task);
    }
}
