package terpan.loop;

import java.io.IOException;

/** A connect failed for so many wait to be accepted; a little later there may be room. */
public final class AcceptQueueFullException extends IOException {
    private static final long serialVersionUID = 1;

    public AcceptQueueFullException(String message) {
        super(message);
    }
}
