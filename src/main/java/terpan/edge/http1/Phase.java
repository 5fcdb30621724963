package terpan.edge.http1;

/** Where a client's connection stands. */
enum Phase {
    /** Between requests. */
    IDLE,
    /** A head has begun. */
    HEAD,
    /** A request's head is whole; the exchange is not over to the last byte of body and answer. */
    EXCHANGE,
    /** Bytes pass both ways. */
    TUNNEL,
    /** The last answer is sent; the client's rest is read so that it gets the answer. */
    LINGER,
    CLOSED
}
