package terpan.tls;

/** Makes the engines of connections. Thread-safe. */
interface TlsEngines {
    TlsEngine engine();

    /** Engines that are made from now on speak by other rules. */
    void change(TlsRules rules);
}
