package terpan.tls;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import terpan.certificate.ServerCertificate;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.metrics.LoopMetrics;

/** TLS of all listeners that speak it: certificates, versions, sessions. Thread-safe. */
public final class ServerTls {
    /** What HTTP/2 is called in ALPN (RFC 9113, section 3.2). */
    public static final String HTTP_2 = "h2";

    /** What may be agreed on by ALPN (RFC 7301, section 6), the preferred ones first. */
    private static final List<String> PROTOCOLS = List.of(HTTP_2, "http/1.1", "http/1.0");

    private final ChosenKeys keys;
    private final TlsEngines engines;
    private volatile long handshakeNanos;
    private final Executor computing;

    /**
     * @param certificates at least one; the first is for clients that name none of the others' hosts
     * @param rules versions and suites
     * @param handshake how long a client may take for its handshake
     * @param computing does the long computations of handshakes, one at a time for each connection; it may refuse some as it ends
     */
    public ServerTls(List<ServerCertificate> certificates, TlsRules rules, Duration handshake, Executor computing) {
        this.keys = new ChosenKeys(new CertificateTable(certificates));
        this.engines = new JdkEngines(keys, rules, PROTOCOLS);
        this.handshakeNanos = handshake.toNanos();
        this.computing = computing;
    }

    /** What one loop needs; it belongs to that loop's thread. */
    public LoopTls on(Loop loop, BufferPool pool, LoopMetrics metrics) {
        return new LoopTls(loop, pool, metrics, this);
    }

    /** Handshakes that begin from now on are done with these; at least one. */
    public void certificates(List<ServerCertificate> newer) {
        keys.change(new CertificateTable(newer));
    }

    /** Handshakes that begin from now on are done by these rules and may take so long. */
    public void change(TlsRules rules, Duration handshake) {
        engines.change(rules);
        handshakeNanos = handshake.toNanos();
    }

    TlsEngine engine() {
        return engines.engine();
    }

    long handshakeNanos() {
        return handshakeNanos;
    }

    void compute(Runnable task) {
        computing.execute(task);
    }
}
