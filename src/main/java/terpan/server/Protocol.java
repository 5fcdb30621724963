package terpan.server;

/** What a worker speaks on its data socket. */
public enum Protocol {
    /** The native link of the built-in worker. */
    NATIVE,
    /** HTTP/1.1. */
    HTTP
}
