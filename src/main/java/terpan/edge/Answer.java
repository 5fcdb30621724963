package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.edge.files.SendRules;
import terpan.edge.pages.ErrorPages;
import terpan.edge.pages.PageForm;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;
import terpan.http.WebSocketHandshake;
import terpan.link.ForwardedFields;
import terpan.link.Origin;

/**
 * The answer of one exchange: what a worker answers, without the fields that are ours to write, or a page of Terpan's own in its place. How
 * it is framed and sent is its {@link AnswerSink}'s matter. One for an exchange, used again for the next request.
 */
final class Answer {
    private static final byte[] REQUEST_ID = "X-Request-Id".getBytes(US_ASCII);
    private static final byte[] VIA = "Via".getBytes(US_ASCII);
    private static final byte[] RAISED = "X-Terpan-Raised".getBytes(US_ASCII);
    private static final byte[] ROUTE = "X-Terpan-Route".getBytes(US_ASCII);
    private static final byte[] CONTENT_TYPE = "Content-Type".getBytes(US_ASCII);
    private static final byte[] OCTETS = "application/octet-stream".getBytes(US_ASCII);
    private static final byte[] RETRY_AFTER = "Retry-After".getBytes(US_ASCII);
    private static final byte[] CACHE = "Cache-Control".getBytes(US_ASCII);
    private static final byte[] NO_STORE = "no-store".getBytes(US_ASCII);
    private static final byte[] VARY = "Vary".getBytes(US_ASCII);
    private static final byte[] ACCEPT = "Accept".getBytes(US_ASCII);
    private static final byte[] NO_SNIFF_NAME = "X-Content-Type-Options".getBytes(US_ASCII);
    private static final byte[] NO_SNIFF = "nosniff".getBytes(US_ASCII);
    private static final byte[] HSTS = "Strict-Transport-Security".getBytes(US_ASCII);
    private static final byte[] LOCATION = "Location".getBytes(US_ASCII);
    private static final byte[] OK = "OK".getBytes(US_ASCII);
    private static final byte[] PARTIAL = "Partial Content".getBytes(US_ASCII);
    private static final byte[] NOT_MODIFIED = "Not Modified".getBytes(US_ASCII);
    private static final byte[] NONE = new byte[0];
    private static final int RAISED_MOST = 16 * 1024;

    /** Fields that are ours to write, or between front and worker alone. */
    private static final long OURS = (1L << Field.CONTENT_LENGTH) | (1L << Field.PRIVATE);

    private final AnswerSink sink;
    private final AnswerCoding coding;
    private EdgeSettings settings;
    private long ours;

    /** What the client gets where there is no answer. */
    private ErrorPages pages;

    private boolean started;
    private boolean headSent;

    /** The worker's answer is a failure's, in whose place a page will stand. */
    private boolean hidden;

    private int status;
    private String raised = "";
    private final ToldRoute route;

    /** Whether answers over TLS say Strict-Transport-Security, and this one does by itself. */
    private boolean watchesHsts;

    private boolean saysHsts;
    private byte[] hsts = NONE;

    /** A field that the page that follows has. */
    private byte[] pageField = NONE;

    private byte[] pageValue = NONE;

    /** Which files a worker's answer may name; null: none. */
    private @Nullable SendRules sent;

    /** Its fields, where it may name a file. */
    private final KeptFields kept = new KeptFields();

    /** Whether a file will stand in the place of its body. */
    private boolean leftToFile;

    /**
     * @param route is told what the worker's answers say of it
     */
    Answer(Edge edge, AnswerSink sink, EdgeSettings settings, ErrorPages pages, ToldRoute route) {
        this.route = route;
        this.sink = sink;
        this.coding = new AnswerCoding(edge, sink);
        this.settings = settings;
        this.pages = pages;
    }

    /** Those of the application that the request is for. */
    void pages(ErrorPages its) {
        pages = its;
    }

    /**
     * Nothing is answered yet of a request that is judged by these settings.
     *
     * @param transportSecurity what is said over TLS, whatever application answers; empty: nothing
     */
    void begin(EdgeSettings judgedBy, byte[] transportSecurity) {
        settings = judgedBy;
        hsts = transportSecurity;
        coding.begin(judgedBy.compression);
        ours = OURS | (judgedBy.tellsIds ? 1L << Field.X_REQUEST_ID : 0) | (coding.isOn() ? AnswerCoding.HELD : 0);
        started = false;
        headSent = false;
        hidden = false;
        status = 0;
        watchesHsts = transportSecurity.length > 0;
        sent = null;
        leftToFile = false;
    }

    /** Which files the application's answers may name; null: none. */
    void mayName(@Nullable SendRules files) {
        sent = files;
        if (files != null) {
            ours |= (files.sends() ? 1L << Field.SENDFILE : 0) | (files.redirects() ? 1L << Field.ACCEL_REDIRECT : 0);
        }
    }

    /** Whether the worker has begun an answer. */
    boolean started() {
        return started;
    }

    /** Whether the head is complete, and may have left for the client. */
    boolean headSent() {
        return headSent;
    }

    /** The status told to the client; 0 before there is one. */
    int status() {
        return headSent ? status : 0;
    }

    /** The status that the worker told; valid once it has begun. */
    int toldStatus() {
        return status;
    }

    void start(int newStatus, byte[] bytes, int reasonStart, int reasonEnd) {
        status = newStatus;
        started = true;
        hidden = false;
        raised = "";
        route.clear();
        saysHsts = false;
        leftToFile = false;
        kept.clear();
        if (coding.isOn()) {
            coding.restart();
        }
        sink.start(newStatus, bytes, reasonStart, reasonEnd);
    }

    /** False when the field cannot be passed on. */
    boolean field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (watchesHsts) {
            noticeHsts(bytes, nameStart, nameEnd);
        }
        if (nameStart == nameEnd) {
            return false;
        }
        byte number = Field.of(bytes, nameStart, nameEnd);
        if (coding.isOn() && !coding.notice(number, bytes, valueStart, valueEnd)) {
            return false;
        }
        if (sent != null && isKept(number)) {
            kept.add(number, bytes, nameStart, nameEnd, valueStart, valueEnd);
        }
        if (!Field.hopByHop(number) && ((ours >>> number) & 1) == 0) {
            return sink.field(number, bytes, nameStart, nameEnd, valueStart, valueEnd);
        }
        if (number == Field.SENDFILE || number == Field.ACCEL_REDIRECT) {
            kept.names(number, bytes, valueStart, valueEnd);
        } else if (number == Field.PRIVATE) {
            noticePrivate(bytes, nameStart, nameEnd, valueStart, valueEnd);
        }
        return true;
    }

    /** All fields of a head that a parser has checked. */
    boolean fields(ResponseHead from) {
        if (watchesHsts) {
            for (int i = 0; i < from.fieldCount; i++) {
                noticeHsts(from.bytes, from.nameStart[i], from.nameEnd[i]);
            }
        }
        if (from.has(Field.PRIVATE)) {
            for (int i = 0; i < from.fieldCount; i++) {
                if (from.field[i] == Field.PRIVATE) {
                    noticePrivate(from.bytes, from.nameStart[i], from.nameEnd[i], from.valueStart[i], from.valueEnd[i]);
                }
            }
        }
        if (sent != null) {
            keep(from);
        }
        if (coding.isOn()) {
            for (int i = 0; i < from.fieldCount; i++) {
                if (!coding.notice(from.field[i], from.bytes, from.valueStart[i], from.valueEnd[i])) {
                    return false;
                }
            }
        }
        return sink.fields(from, ours);
    }

    /** A bit for each field that is ours to write, and is passed on of no worker's. */
    long ours() {
        return ours & ~AnswerCoding.HELD;
    }

    /** Whether it is a field of the application's that reaches the client, perhaps later. */
    private boolean isKept(byte number) {
        return !Field.hopByHop(number) && ((ours() >>> number) & 1) == 0;
    }

    private void keep(ResponseHead from) {
        for (int i = 0; i < from.fieldCount; i++) {
            byte number = from.field[i];
            if (isKept(number)) {
                kept.add(number, from.bytes, from.nameStart[i], from.nameEnd[i], from.valueStart[i], from.valueEnd[i]);
            } else if (number == Field.SENDFILE || number == Field.ACCEL_REDIRECT) {
                kept.names(number, from.bytes, from.valueStart[i], from.valueEnd[i]);
            }
        }
    }

    /** Whether the worker's answer names a file that is to stand in the place of its body. */
    boolean namesFile() {
        return sent != null && kept.names() && status >= 200 && status != 204 && status != 304;
    }

    /** Nothing of the answer is passed on for now: a file will stand in the place of its body, with its fields. */
    void leaveToFile() {
        if (!sink.takeBack()) {
            throw new IllegalStateException("a head has left before it was whole");
        }
        leftToFile = true;
    }

    /** Whether a file will stand in the place of its body. */
    boolean isLeftToFile() {
        return leftToFile;
    }

    /** The fields of the answer that names a file. */
    KeptFields kept() {
        return kept;
    }

    /** Begins an answer that is a file; its fields follow, each by {@link #ownField}. */
    void file(int newStatus) {
        status = newStatus;
        hidden = false;
        leftToFile = false;
        raised = "";
        saysHsts = false;
        coding.begin(null); // it has neighbours for that
        byte[] title = switch (newStatus) {
            case 200 -> OK;
            case 206 -> PARTIAL;
            case 304 -> NOT_MODIFIED;
            default -> NONE;
        };
        sink.start(newStatus, title, 0, title.length);
    }

    /** A field of the answer that named the file, which was good for a worker's answer. */
    void keptField(byte number, byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (watchesHsts) {
            noticeHsts(bytes, nameStart, nameEnd);
        }
        sink.field(number, bytes, nameStart, nameEnd, valueStart, valueEnd);
    }

    private void noticeHsts(byte[] bytes, int nameStart, int nameEnd) {
        saysHsts |= Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, HSTS, 0, HSTS.length);
    }

    private void noticePrivate(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, ROUTE, 0, ROUTE.length)) {
            route.read(bytes, valueStart, valueEnd);
        } else if (valueEnd - valueStart <= RAISED_MOST
                && Ascii.equalsIgnoreCase(bytes, nameStart, nameEnd, RAISED, 0, RAISED.length)) {
            raised = new String(bytes, valueStart, valueEnd - valueStart, ISO_8859_1);
        }
    }

    /** A field of our own; its bytes are good. */
    void ownField(byte[] name, byte[] value) {
        if (leftToFile) {
            kept.add(Field.OTHER, name, value);
        } else {
            sink.field(name, value);
        }
    }

    /** What the worker's own field says of its application, which raised; empty: it did not. */
    String raised() {
        return raised;
    }

    /** Nothing of this answer is passed on, for a page will stand in its place; false when that cannot be. */
    boolean hide() {
        hidden = status >= 500 && sink.takeBack();
        return hidden;
    }

    /** The same whatever its status, before its head is complete. */
    void hideWhole() {
        hidden = sink.takeBack();
    }

    /** Whether a page has to stand in the place of what the worker answered. */
    boolean hidden() {
        return hidden;
    }

    /**
     * The head is complete.
     *
     * @param origin the request's client
     * @param requestWhole whether the client has sent its whole request
     */
    void headEnd(RequestHead request, Origin origin, long length, boolean requestWhole) {
        ownFields(origin);
        long told = coding.isOn() ? coding.headEnd(request, status, length) : length;
        sink.headEnd(request, told, requestWhole);
        headSent = true;
    }

    /** The head is complete of an answer that switches protocols. */
    void switches(RequestHead request, Origin origin) {
        ownFields(origin);
        if (coding.isOn()) {
            coding.headEnd(request, status, 0);
        }
        status = sink.switches();
        headSent = true;
    }

    private void ownFields(Origin origin) {
        if (settings.tellsIds) {
            sink.field(REQUEST_ID, origin.forwarded.value(ForwardedFields.REQUEST_ID));
        }
        if (watchesHsts && origin.secure() && !saysHsts) {
            sink.field(HSTS, hsts);
        }
        if (settings.via.length > 0) {
            sink.field(VIA, settings.via);
        }
    }

    void body(byte[] bytes, int from, int to) {
        if (hidden || leftToFile || coding.isBroken()) {
            return;
        }
        if (coding.codes()) {
            coding.body(bytes, from, to);
        } else {
            sink.body(bytes, from, to);
        }
    }

    /** Whether its body may be a file. */
    boolean takesFiles() {
        return coding.takesFiles();
    }

    /** Whether it breaks off here, whatever more comes of it. */
    boolean isBroken() {
        return coding.isBroken();
    }

    /** Whether this turn of the loop has time for more of the body. */
    boolean mayGoOn() {
        return coding.mayCode();
    }

    void file(FileChannel file, long position, long length) {
        sink.file(file, position, length);
    }

    void end() {
        coding.end();
        if (!coding.isBroken()) {
            sink.end();
        }
    }

    /** The exchange is over, whatever became of the answer. */
    void over() {
        coding.drop();
        kept.over();
        sink.over();
    }

    /** Answers an authority that asks whether a name is ours (RFC 8555, section 8.3). */
    void proof(byte[] body, RequestHead request) {
        file(200);
        sink.field(CONTENT_TYPE, OCTETS);
        sink.headEnd(request, body.length, true);
        headSent = true;
        sink.body(body, 0, body.length);
        sink.end();
    }

    /** Where the page that follows sends the client. */
    void location(byte[] address) {
        pageField(LOCATION, address);
    }

    /** A field that the page that follows has; an empty value: it has none. */
    void pageField(byte[] name, byte[] value) {
        pageField = name;
        pageValue = value;
    }

    /** The page that follows names the version of WebSocket that is spoken. */
    void webSocketVersion() {
        pageField(WebSocketHandshake.VERSION_NAME, WebSocketHandshake.VERSION);
    }

    /** Takes back what the worker began, or a page, so that a page may stand in its place; false when some of it has left for the client. */
    boolean takeBack() {
        return (!started && !headSent) || leftToFile || sink.takeBack();
    }

    /**
     * Answers with a page of Terpan's own instead of whatever the worker began.
     *
     * @param what one sentence for the person who made the request
     * @param cause what the developer wants to see; empty elsewhere
     * @param id the request's
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
        leftToFile = false;
        coding.drop();
        status = newStatus;
        PageForm form = request.end > request.start ? PageForm.of(request) : PageForm.TEXT;
        byte[] body = pages.page(newStatus, what, id, cause, form);
        byte[] title = ErrorPages.title(newStatus).getBytes(US_ASCII);
        sink.start(newStatus, title, 0, title.length);
        sink.field(CONTENT_TYPE, form.contentType.getBytes(US_ASCII));
        sink.field(NO_SNIFF_NAME, NO_SNIFF);
        sink.field(CACHE, NO_STORE);
        sink.field(VARY, ACCEPT);
        sink.field(REQUEST_ID, id.getBytes(US_ASCII));
        if (pageValue.length > 0) {
            sink.field(pageField, pageValue);
            pageValue = NONE;
        }
        if (retrySeconds > 0) {
            byte[] digits = new byte[20];
            sink.field(RETRY_AFTER, Arrays.copyOf(digits, Ascii.appendDecimal(digits, 0, retrySeconds)));
        }
        sink.headEnd(request, body.length, requestWhole);
        headSent = true;
        sink.body(body, 0, body.length);
        sink.end();
    }
}
