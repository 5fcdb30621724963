package terpan.log;

import terpan.http.RequestHead;

/**
 * One settled request on its way into the access log. One object a loop, filled anew for each request; nothing of it is kept
 * after {@link AccessBuffer#write} returns.
 */
public final class AccessEntry {
    private static final byte[] NOTHING = new byte[0];

    /** The request's head; one without a method (it never parsed) is written as "-". */
    public RequestHead head = new RequestHead();

    /** The client's address in ASCII; empty for a client on a Unix socket. */
    public byte[] client = NOTHING;

    /** The user that the application named, in ASCII; empty without one. */
    public byte[] user = NOTHING;

    /** When the request began, milliseconds since 1970. */
    public long wallMillis;

    /** The status sent, 100 to 599; 0 when the client left before one. */
    public int status;

    /** Bytes of the answer's body that the system took for the client; where it was cut, with their framing. */
    public long sentBytes;

    /** Bytes of the request's body that were received. */
    public long receivedBytes;

    /** Nanoseconds from the first byte of the request to the last of the answer. */
    public long totalNanos;

    /** Nanoseconds in the wait queue; negative when no worker was granted. */
    public long queueNanos;

    /** Nanoseconds with the worker; negative when it was never sent to one. */
    public long workerNanos;

    /** The worker's name in ASCII; empty without one. */
    public byte[] worker = NOTHING;

    /** The name of the worker's group in ASCII; empty without one. */
    public byte[] group = NOTHING;

    /** The method and the route, as metrics name it, in ASCII; empty where it was for no worker. */
    public byte[] route = NOTHING;

    /** The request's id in ASCII: bytes {@link #idStart} to {@link #idEnd} of this array. */
    public byte[] id = NOTHING;

    public int idStart;
    public int idEnd;

    /** The traceparent that its worker was told; empty: the request has no trace. */
    public byte[] trace = NOTHING;

    /** Who ended it early. */
    public Cut cut = Cut.NONE;
}
