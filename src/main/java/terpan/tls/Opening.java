package terpan.tls;

import terpan.loop.WireHandler;

/** What waits for the end of one handshake. Called on the loop's thread, exactly one of both, once. */
public interface Opening {
    /** The handshake is done: makes the client of what is a wire for plain bytes now. */
    WireHandler opened(TlsWire wire);

    /** There will be no client; the wire is closed. */
    void failed();
}
