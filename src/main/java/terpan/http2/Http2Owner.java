package terpan.http2;

import terpan.http.Refusal;

/**
 * What one connection tells its owner, which has the socket, the timers and the exchanges. Called while the owner is in a method of the
 * connection or of a stream; it may call back, but a stream is not to be used once {@link #closed} was called.
 */
public interface Http2Owner {
    /** How a stream ended. */
    enum End {
        /** Request and answer are whole. */
        FINISHED,
        /** The client does not want the answer. */
        RESET_BY_PEER,
        /** It was reset for what the client did. */
        FAULT,
        /** The owner reset it. */
        RESET,
        /** The connection ended with it. */
        CONNECTION
    }

    /** Whether one more request may begin now; else it is refused so that the client may send it again (REFUSED_STREAM). */
    default boolean mayBegin() {
        return true;
    }

    /** A request's head is whole and good; {@link Http2Stream#requestEnded} tells whether a body follows. */
    void request(Http2Stream stream);

    /** A request is refused as it would be in HTTP/1.1: to be answered with that status. What follows of its body is dropped. */
    void refused(Http2Stream stream, Refusal refusal);

    /**
     * A piece of a request's body. To be kept by the owner, which says when it has room again: {@link Http2Stream#taken}. No more comes
     * meanwhile than the windows allow.
     */
    void body(Http2Stream stream, byte[] bytes, int from, int to);

    /** The request is whole. */
    void bodyEnd(Http2Stream stream);

    /**
     * The stream is over; nothing more is called or wanted for it.
     *
     * @param code the error's code, {@link ErrorCode#NO_ERROR} for a finished one
     * @return whether the stream may be used again at once; else the owner gives it back: {@link Http2Server#giveBack}
     */
    boolean closed(Http2Stream stream, End end, int code);

    /** A request that HTTP/2 forbids was turned away; the owner may count it. */
    void malformed(Malformed what);

    /** Something is to be sent: {@link Http2Connection#fill} in this turn's send phase. May be called often. */
    void flushLater();
}
