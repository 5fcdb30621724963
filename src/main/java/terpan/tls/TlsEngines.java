package terpan.tls;

import org.jspecify.annotations.Nullable;

/** Makes the engines of connections. Thread-safe. */
interface TlsEngines extends AutoCloseable {
    /**
     * One for a connection of that loop.
     *
     * @param loop the caller's
     * @return null: they were closed
     */
    @Nullable
    TlsEngine engine(LoopTls loop);

    /** Engines that are made from now on speak by other rules. */
    void change(TlsRules rules);

    /** Handshakes that begin from now on are done with these certificates. */
    void change(CertificateTable newer);

    /** No engine is made any more; those that are there go on. */
    @Override
    void close();
}
