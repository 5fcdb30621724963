package terpan.edge;

import java.nio.channels.FileChannel;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;

/**
 * Where an answer goes on its way to a client, in this order: {@link #start}, fields, {@link #headEnd}, pieces of the body, {@link #end}; or
 * {@link #switches} behind the fields.
 * Has what a version of HTTP does in its own way: framing, whether the connection is kept, what waits for the client. When it takes more
 * again it tells {@link Exchange#hasRoom}. Belongs to the loop's thread.
 */
public interface AnswerSink {
    /**
     * Says something before the answer: a head that a parser has checked, with a status below 200, and no body. Where the client does not take
     * what it was sent it may be dropped. To be called before {@link #start} alone.
     *
     * @param leftOut a bit for each constant of {@link terpan.http.Field} that is left out, besides those of a connection
     */
    void informational(ResponseHead head, long leftOut);

    /** Begins an answer; the reason may be empty and hold any bytes. */
    void start(int status, byte[] bytes, int reasonStart, int reasonEnd);

    /**
     * A field of the worker's, whose bytes are checked here.
     *
     * @param number a constant of {@link terpan.http.Field}, none of a connection's and none of our own
     * @return false when it cannot be passed on
     */
    boolean field(byte number, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);

    /**
     * All fields of a head that a parser has checked, but for those of a connection.
     *
     * @param leftOut a bit for each constant of {@link terpan.http.Field} that is left out, too
     * @return false when they cannot be passed on
     */
    boolean fields(ResponseHead from, long leftOut);

    /** A field of our own; its bytes are good. */
    void field(byte[] name, byte[] value);

    /**
     * The head is complete.
     *
     * @param request the head of the request, perhaps not whole
     * @param length bytes of body that follow (for HEAD: that would); -1 when only {@link #end} will tell
     * @param requestWhole whether the client has sent its whole request
     */
    void headEnd(RequestHead request, long length, boolean requestWhole);

    /**
     * The head is complete of an answer that switches protocols: bytes follow that are no answer's.
     *
     * @return the status that says so
     */
    int switches();

    /** A piece of the body; the bytes are the caller's again when this returns. What an answer without a body is given is dropped. */
    void body(byte[] bytes, int from, int to);

    /** A regular file's piece as the rest of a body whose length was told; the file is closed here. */
    void file(FileChannel file, long position, long length);

    /** The answer is whole. */
    void end();

    /** Takes back all since {@link #start}, so that another answer may begin; false when some of it has left for the client. */
    boolean takeBack();

    /** Whether more of the body should come now; when not, {@link Exchange#hasRoom} is called once it should. */
    boolean mayAppend();

    /** Bytes of the body that the system has taken for the client; of one that is not whole, with their framing. */
    long bodySent();

    /** The exchange is over: what waited of its answer and was not sent is not wanted any more. */
    void over();
}
