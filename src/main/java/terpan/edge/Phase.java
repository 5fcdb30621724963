package terpan.edge;

/** Where a client's connection stands. */
enum Phase {
    /** Between requests. */
    IDLE,
    /** A head has begun. */
    HEAD,
    /** A body is coming. */
    BODY,
    /** A body is coming, and goes to a worker as it comes. */
    STREAM,
    /** The request is whole and not answered to the last byte. */
    EXCHANGE,
    /** The last answer is sent; the client's rest is read so that it gets the answer. */
    LINGER,
    CLOSED
}
