package terpan.link;

import java.io.IOException;

/** One end of a tunnel: what bytes come from and go to, whatever carries them. Belongs to the loop's thread. */
public interface TunnelEnd {
    /** Tells of what happens from now on. */
    void begin(TunnelEvents events);

    /**
     * Receives what is there.
     *
     * @return bytes received; 0 when there is nothing; -1 at the end
     * @throws IOException the other side is gone
     */
    int receive(byte[] into, int offset, int length) throws IOException;

    /**
     * Sends what is taken now; {@link TunnelEvents#writable} follows once more is, where {@link #takesMore} says no.
     *
     * @return bytes taken, 0 to length
     * @throws IOException the other side is gone
     */
    int send(byte[] from, int offset, int length) throws IOException;

    /** Whether all that was given to {@link #send} is on its way, so that more may follow. */
    boolean takesMore();

    /** Whether {@link TunnelEvents#readable} is wanted. */
    void reading(boolean wanted);

    /**
     * No bytes follow those that were sent.
     *
     * @throws IOException the other side is gone
     */
    void endOutput() throws IOException;

    /** Nothing passes any more; events end. Idempotent. */
    void close();
}
