package terpan.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes engines of BoringSSL. One context for all loops, and one set of keys for tickets, so that sessions that one loop's client began are
 * resumed on any; both outlive an exchange of certificates, and the keys one of rules. Lives until the last of its engines is closed. Thread-safe.
 */
final class BoringEngines extends Counted implements TlsEngines {
    private final List<String> protocols;
    private final TicketKeys keys;
    private volatile boolean closed;
    private volatile Made made;
    private volatile NativeCertificates certificates;

    /** By which rules, and which protocols may be agreed on. */
    private record Made(TlsRules rules, List<String> protocols, NativeContext context) {}

    /**
     * @param protocols those of ALPN, the preferred ones first
     */
    BoringEngines(CertificateTable table, TlsRules rules, List<String> protocols, TicketKeys keys) {
        BoringSsl.load().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
        this.protocols = protocols;
        this.keys = keys;
        this.certificates = new NativeCertificates(table);
        this.made = make(rules);
    }

    private Made make(TlsRules rules) {
        List<String> agreeable = rules.speakable(protocols);
        return new Made(rules, agreeable, new NativeContext(rules, agreeable, keys.present()));
    }

    @Override
    public synchronized void change(TlsRules rules) {
        Made before = made;
        if (rules.equals(before.rules())) {
            return;
        }
        made = make(rules);
        before.context().giveBack();
    }

    @Override
    public synchronized void change(CertificateTable newer) {
        NativeCertificates before = certificates;
        certificates = new NativeCertificates(newer);
        before.giveBack();
    }

    @Override
    public void close() {
        closed = true;
        giveBack();
    }

    @Override
    synchronized void free() {
        made.context().giveBack();
        certificates.giveBack();
    }

    @Override
    public @Nullable TlsEngine engine(LoopTls loop) {
        if (closed || !take()) {
            return null;
        }
        long now = loop.loop.now();
        if (keys.due(now)) {
            turn(now);
        }
        Made present = made;
        while (!present.context().take()) {
            present = made; // there is a newer one
        }
        boolean asks = !present.rules().authorities().isEmpty();
        return new BoringEngine(
                this, new NativeConnection(present.context()), loop.buffers(), present.protocols(), asks);
    }

    private synchronized void turn(long now) {
        if (keys.turn(now)) {
            made.context().change(keys.present());
        }
    }

    /** The certificates to show, for an engine of ours; to be given back. */
    NativeCertificates certificates() {
        NativeCertificates present = certificates;
        while (!present.take()) {
            present = certificates; // there are newer ones
        }
        return present;
    }
}
