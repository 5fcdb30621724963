package terpan.loop;

import java.io.IOException;

/** Hears what happens on a wire; always called on the loop's thread. */
public interface WireHandler {
    /** The connect succeeded. */
    default void onConnected() {}

    /** The connect failed; the wire is closed. */
    default void onConnectFailed(IOException reason) {}

    /** One of this handler's own methods threw: an invariant is broken. The wire is closed after this returns. */
    default void onFault(RuntimeException fault) {}

    /** There is something to receive, or the end of the stream. */
    void onReadable();

    /** The send phase after {@link Wire#flushLater}, or the socket takes bytes again. */
    void onFlush();
}
