package terpan.edge;

import terpan.config.Settings;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;

/**
 * What is said to the client before the answer of one exchange: 103 (Early Hints) and its like, as far as the client can take it and it is not
 * too much. It is only a hint: whatever is too much is dropped, and the answer does not suffer (RFC 8297). Belongs to the loop's thread.
 */
final class EarlyHints {
    /** Most bytes for one request, so that a client that takes nothing keeps no more of it waiting. */
    private static final int BYTES_MOST = 8 * 1024;

    private static final int HTTP_11 = 11;
    private static final int HTTP_2 = 20;

    private final AnswerSink sink;
    private int bytes;

    EarlyHints(AnswerSink sink) {
        this.sink = sink;
    }

    /** A new request. */
    void begin() {
        bytes = 0;
    }

    /**
     * Passes one on.
     *
     * @param ours a bit for each field that is ours to write
     * @return whether there is something to send
     */
    boolean pass(RequestHead request, Settings.EarlyHints rule, ResponseHead said, long ours) {
        bytes += said.end - said.start;
        if (!takes(request, rule) || bytes > BYTES_MOST) {
            return false;
        }
        sink.informational(said, ours);
        return true;
    }

    /** A client of HTTP/1.0 knows none (RFC 9110, section 15.2); of those of HTTP/1.1 some take it for the answer (RFC 8297, section 3). */
    private static boolean takes(RequestHead request, Settings.EarlyHints rule) {
        return switch (rule) {
            case OFF -> false;
            case HTTP2 -> request.version >= HTTP_2;
            case ALL -> request.version >= HTTP_11;
        };
    }
}
