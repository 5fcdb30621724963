package terpan.edge;

import terpan.link.TunnelEnd;
import terpan.log.Cut;

/**
 * What an exchange needs of its client apart from a place for the answer: a connection of HTTP/1, which carries one exchange at a time, or
 * one of many streams. Belongs to the loop's thread.
 */
public interface ClientStream {
    /** Something of the answer is to be sent in this turn. May be called often. */
    void flushLater();

    /**
     * The worker has switched protocols, and the answer that says so is whole but for what follows: bytes that pass both ways, of which {@link
     * Exchange#tunnelOver} is told when they are over.
     */
    void tunnel(TunnelEnd worker);

    /** Ends it so that the client cannot take what it has for the whole answer. The exchange is told by {@link Exchange#abandon}. */
    void cut(Cut by);
}
