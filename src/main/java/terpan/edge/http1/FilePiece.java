package terpan.edge.http1;

import java.io.IOException;

/** A piece of a file on its way to a client. Belongs to the loop's thread. */
interface FilePiece {
    /** Bytes of it that were given to the wire. */
    long sent();

    /** Whether it can not be sent to its end. */
    boolean failed();

    /**
     * Goes on sending.
     *
     * @return whether all is sent
     * @throws IOException the client is gone, or the file became shorter
     */
    boolean advance() throws IOException;

    /** Before the wire is closed; idempotent. */
    void close();
}
