package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.Ascii;
import terpan.http.Method;

/** Writes an answer of Terpan's own: a page in the form that the client wants, with the id to ask about. */
final class ErrorPage {
    private static final byte[] NONE = new byte[0];
    private static final byte[] CONTENT_TYPE = "Content-Type".getBytes(US_ASCII);
    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(US_ASCII);
    private static final byte[] RETRY_AFTER = "Retry-After".getBytes(US_ASCII);
    private static final byte[] CACHE = "Cache-Control".getBytes(US_ASCII);
    private static final byte[] NO_STORE = "no-store".getBytes(US_ASCII);
    private static final byte[] VARY = "Vary".getBytes(US_ASCII);
    private static final byte[] ACCEPT = "Accept".getBytes(US_ASCII);
    private static final byte[] NO_SNIFF_NAME = "X-Content-Type-Options".getBytes(US_ASCII);
    private static final byte[] NO_SNIFF = "nosniff".getBytes(US_ASCII);

    private ErrorPage() {}

    /**
     * Writes the whole answer.
     *
     * @param page the body
     * @param id the request's id in ASCII
     * @param retrySeconds after which it makes sense to come again; 0: nothing is said of it
     * @param method the request's, so that HEAD gets no body
     * @return bytes of body written
     */
    static int write(
            AnswerHead head,
            Output output,
            int status,
            byte[] page,
            PageForm form,
            String id,
            long retrySeconds,
            int method,
            int clientVersion,
            boolean keepAlive,
            long wallMillis) {
        byte[] title = ErrorPages.title(status).getBytes(US_ASCII);
        head.start(status, title, 0, title.length);
        head.field(CONTENT_TYPE, form.contentType.getBytes(US_ASCII));
        head.field(NO_SNIFF_NAME, NO_SNIFF);
        head.field(CACHE, NO_STORE);
        head.field(VARY, ACCEPT);
        head.field(REQUEST_ID, id.getBytes(US_ASCII));
        if (retrySeconds > 0) {
            byte[] digits = new byte[20];
            int end = Ascii.appendDecimal(digits, 0, retrySeconds);
            head.field(RETRY_AFTER, java.util.Arrays.copyOf(digits, end));
        }
        head.end(status, method, clientVersion, page.length, keepAlive, wallMillis);
        byte[] body = method == Method.HEAD ? NONE : page;
        output.put(body);
        return body.length;
    }
}
