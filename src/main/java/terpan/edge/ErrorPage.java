package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import terpan.http.Method;

/** An answer of Terpan's own: short, plain, with the id to ask about. */
final class ErrorPage {
    private static final byte[] NONE = new byte[0];
    private static final byte[] CONTENT_TYPE = "Content-Type".getBytes(US_ASCII);
    private static final byte[] PLAIN = "text/plain; charset=utf-8".getBytes(US_ASCII);
    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(US_ASCII);
    private static final byte[] RETRY_AFTER = "Retry-After".getBytes(US_ASCII);
    private static final byte[] CACHE = "Cache-Control".getBytes(US_ASCII);
    private static final byte[] NO_STORE = "no-store".getBytes(US_ASCII);
    private static final byte[] RETRY_SECONDS = "1".getBytes(US_ASCII);

    private static final Map<Integer, String> REASONS = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(408, "Request Timeout"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(417, "Expectation Failed"),
            Map.entry(421, "Misdirected Request"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(501, "Not Implemented"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"),
            Map.entry(505, "HTTP Version Not Supported"));

    private ErrorPage() {}

    /**
     * Writes the whole answer.
     *
     * @param method the request's, so that HEAD gets no body
     * @param what one sentence for the person who made the request
     * @param id the request's id in ASCII
     * @return bytes of body written
     */
    static int write(
            AnswerHead head,
            Output output,
            int status,
            String what,
            String id,
            int method,
            int clientVersion,
            boolean keepAlive,
            long wallMillis) {
        String reason = REASONS.getOrDefault(status, "Error");
        byte[] reasonBytes = reason.getBytes(US_ASCII);
        byte[] body = (status + " " + reason + "\n" + what + "\nRequest id: " + id + "\n").getBytes(UTF_8);
        byte[] idBytes = id.getBytes(US_ASCII);
        head.start(status, reasonBytes, 0, reasonBytes.length);
        field(head, CONTENT_TYPE, PLAIN);
        field(head, CACHE, NO_STORE);
        field(head, REQUEST_ID, idBytes);
        if (status == 503) {
            field(head, RETRY_AFTER, RETRY_SECONDS);
        }
        head.end(status, method, clientVersion, body.length, keepAlive, wallMillis);
        if (method == Method.HEAD) {
            body = NONE;
        }
        output.put(body);
        return body.length;
    }

    private static void field(AnswerHead head, byte[] name, byte[] value) {
        byte[] line = new byte[name.length + value.length];
        System.arraycopy(name, 0, line, 0, name.length);
        System.arraycopy(value, 0, line, name.length, value.length);
        head.field(line, 0, name.length, name.length, line.length);
    }
}
