package terpan.tls;

/** Makes the engines of connections. Thread-safe. */
interface TlsEngines {
    TlsEngine engine();
}
