package terpan.edge;

import terpan.loop.Wire;

/** What the clients of a listener speak: makes the connection of a wire that was accepted. */
@FunctionalInterface
public interface ClientProtocol {
    /** Makes the connection; nothing is received or sent yet. */
    Client connection(Edge edge, Wire wire);
}
