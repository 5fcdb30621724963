package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.channels.FileChannel;
import java.util.List;
import terpan.http.Ascii;
import terpan.http.Method;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.link.ForwardedFields;
import terpan.link.Origin;
import terpan.metrics.Limit;

/** The answer of one exchange on its way into the client's output: head, framing, body, or a page of Terpan's own. */
final class Answering {
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(US_ASCII);
    private static final byte[] VIA = "Via".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};

    private final Edge edge;
    private final Output output;
    private final AnswerHead head;

    /** What the client gets where there is no answer. */
    private ErrorPages pages;

    private final byte[] chunkSize = new byte[18];
    private AnswerHead.Framing framing = AnswerHead.Framing.NO_BODY;
    private final boolean tellsIds;
    private final byte[] via;
    private boolean started;
    private boolean headSent;

    /** The worker's answer is a failure's, in whose place a page will stand. */
    private boolean hidden;

    private boolean keepAlive;
    private int status;
    private long bodyBytes;

    /** Where in all that this connection is sent the body begins. */
    private long bodyAt;

    private int answers;

    Answering(Edge edge, Output output) {
        this.edge = edge;
        this.pages = edge.application().pages;
        this.output = output;
        this.tellsIds = edge.origins.rules.requestIds();
        this.head = new AnswerHead(output, edge.date, tellsIds);
        this.via =
                edge.origins.rules.via().map(name -> "1.1 " + name).orElse("").getBytes(US_ASCII);
    }

    /** Those of the application that the request is for. */
    void pages(ErrorPages its) {
        pages = its;
    }

    /** Nothing is answered yet. */
    void reset() {
        started = false;
        headSent = false;
        hidden = false;
        status = 0;
        bodyBytes = 0;
        bodyAt = Long.MAX_VALUE;
    }

    /** Whether the worker has begun an answer. */
    boolean started() {
        return started;
    }

    /** Whether the head is complete, and may have left for the client. */
    boolean headSent() {
        return headSent;
    }

    /** Whether the connection lives on. */
    boolean keepsConnection() {
        return keepAlive;
    }

    /** The status told to the client; 0 before there is one. */
    int status() {
        return headSent ? status : 0;
    }

    /** Bytes of the body that the system has taken for the client; of one that is not whole, with their framing. */
    long bodySent() {
        return Math.clamp(output.sent() - bodyAt, 0, bodyBytes);
    }

    void start(int newStatus, byte[] bytes, int reasonStart, int reasonEnd) {
        status = newStatus;
        started = true;
        hidden = false;
        head.start(newStatus, bytes, reasonStart, reasonEnd);
    }

    boolean field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        return head.field(bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    /** A field of our own; its bytes are good. */
    void ownField(byte[] name, byte[] value) {
        head.field(name, value);
    }

    boolean fields(ResponseHead from) {
        return head.fields(from);
    }

    /** What the worker says of its application, which raised; empty: it did not. */
    String raised() {
        return head.raised();
    }

    /** Nothing of this answer is passed on, for a page will stand in its place; false when that can not be. */
    boolean hide() {
        if (status < 500 || !head.takeBack()) {
            return false;
        }
        framing = AnswerHead.Framing.NO_BODY;
        hidden = true;
        return true;
    }

    /** Whether a page has to stand in the place of what the worker answered. */
    boolean hidden() {
        return hidden;
    }

    /** The status that the worker told; valid once it has begun. */
    int toldStatus() {
        return status;
    }

    /**
     * The head is complete.
     *
     * @param origin the request's client
     * @param requestWhole whether the client has sent its whole request
     */
    void headEnd(RequestHead request, Origin origin, long length, boolean requestWhole) {
        if (tellsIds) {
            head.field(REQUEST_ID, origin.forwarded.value(ForwardedFields.REQUEST_ID));
        }
        if (via.length > 0) {
            head.field(VIA, via);
        }
        boolean keep = requestWhole && mayKeep(request);
        framing = head.end(status, request.method, request.version, length, keep, edge.clock.millis());
        keepAlive = keep && framing != AnswerHead.Framing.CLOSE;
        headSent = true;
        bodyAt = output.position();
    }

    /** Whether the client wants the connection kept, and it has not carried its share of requests. */
    private boolean mayKeep(RequestHead request) {
        int most = edge.limits.keepAliveRequests();
        boolean spent = most > 0 && ++answers >= most;
        if (spent) {
            edge.metrics.limitReached(Limit.KEEP_ALIVE_REQUESTS);
        }
        return request.keepAlive && !edge.stopping() && !spent;
    }

    void body(byte[] bytes, int start, int end) {
        if (framing == AnswerHead.Framing.NO_BODY || start == end) {
            return;
        }
        if (framing == AnswerHead.Framing.CHUNKED) {
            int at = Ascii.appendHex(chunkSize, 0, (long) end - start);
            chunkSize[at] = '\r';
            chunkSize[at + 1] = '\n';
            output.put(chunkSize, 0, at + 2);
            output.append(bytes, start, end);
            output.put(CRLF);
        } else {
            output.append(bytes, start, end);
        }
        bodyBytes += end - start;
    }

    void file(FileChannel file, long position, long length) {
        if (framing == AnswerHead.Framing.LENGTH) {
            output.file(file, position, length);
            bodyBytes += length;
        } else if (framing == AnswerHead.Framing.NO_BODY) {
            output.file(file, position, 0);
        } else {
            throw new IllegalStateException("a file answers only where the length of the body was told");
        }
    }

    void end() {
        if (framing == AnswerHead.Framing.CHUNKED) {
            output.put(LAST_CHUNK);
        }
    }

    /** Takes back what the worker began, so that a page may stand in its place; false when some of it has left for the client. */
    boolean takeBack() {
        return !started || head.takeBack();
    }

    /**
     * Answers with a page of Terpan's own instead of whatever the worker began.
     *
     * @param what one sentence for the person who made the request
     * @param cause what the developer wants to see; empty elsewhere
     * @param retrySeconds after which it makes sense to come again; 0: nothing is said of it
     * @param requestWhole whether the client has sent its whole request
     */
    void page(
            int newStatus,
            String what,
            List<String> cause,
            String id,
            long retrySeconds,
            RequestHead request,
            boolean requestWhole) {
        takeBack();
        status = newStatus;
        headSent = true;
        keepAlive = requestWhole && mayKeep(request);
        boolean headWhole = request.end > request.start;
        PageForm form = headWhole ? PageForm.of(request) : PageForm.TEXT;
        bodyBytes = ErrorPage.write(
                head,
                output,
                newStatus,
                pages.page(newStatus, what, id, cause, form),
                form,
                id,
                retrySeconds,
                headWhole ? request.method : Method.OTHER,
                headWhole ? request.version : 11,
                keepAlive,
                edge.clock.millis());
        bodyAt = output.position() - bodyBytes;
    }
}
