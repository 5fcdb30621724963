package terpan.server;

/**
 * What a server does where HTTP/1.1 leaves it a choice, or where it errs. The front is built so that none of it reaches a client; it is
 * known so that it can be told, and measured so that it can be believed ({@code terpan probe}).
 *
 * @param headBody what becomes of a body that the application gives to HEAD
 * @param chunkedUpload what an application that reads its input to the end sees of a chunked body
 * @param expectation when a client that expects 100 (Continue) is told to go on
 * @param unreadBody what becomes of the connection when the application did not read the body
 * @param pipelining what becomes of two requests in one packet
 * @param streaming whether pieces of an answer leave as the application gives them
 * @param stopInFlight what becomes of a request in flight at the polite signal
 */
public record Conduct(
        HeadBody headBody,
        ChunkedUpload chunkedUpload,
        Expectation expectation,
        UnreadBody unreadBody,
        Pipelining pipelining,
        Streaming streaming,
        StopInFlight stopInFlight) {

    /** What becomes of a body that the application gives to HEAD. */
    public enum HeadBody {
        STRIPPED,
        /** Sent, so that a kept connection is out of step. */
        SENT,
        /** Nothing is answered. */
        CLOSED
    }

    /** What an application that reads its input to the end sees of a chunked body. */
    public enum ChunkedUpload {
        WHOLE,
        EMPTY,
        /** Refused, or never answered. */
        REFUSED
    }

    /** When a client that expects 100 (Continue) is told to go on. */
    public enum Expectation {
        AT_ONCE,
        WHEN_READ,
        AFTER_BODY,
        NEVER
    }

    /** What becomes of the connection when the application did not read the body. */
    public enum UnreadBody {
        /** The body is read and the connection kept. */
        DRAINED,
        CLOSED
    }

    /** What becomes of two requests in one packet. */
    public enum Pipelining {
        /** Both are answered in order. */
        BOTH,
        /** The first is answered, then the connection ends. */
        FIRST,
        /** The first goes unanswered. */
        WRONG
    }

    /** Whether pieces of an answer leave as the application gives them. */
    public enum Streaming {
        AS_GIVEN,
        BUFFERED
    }

    /** What becomes of a request in flight at the polite signal. */
    public enum StopInFlight {
        ANSWERED,
        CUT
    }
}
