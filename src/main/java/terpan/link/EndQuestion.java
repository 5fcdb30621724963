package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.http.ResponseHead;

/**
 * Asks a worker of ours whether it still works at a request whose connection is closed, as an ASGI application may for as long as it
 * likes once its client has left. Travels as a request does; the launcher answers it, with a byte twice a second until the
 * request has ended, and then with the end. Owned by its link's loop.
 */
final class EndQuestion implements Call {
    /** In the private field in place of a client's address; the name of the request follows. */
    static final String WORD = "ended";

    /** How often it is asked again where the question can not have come through. */
    private static final int TRIES = 30;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final RequestHead HEAD = made();

    private final HttpLink link;
    private final Origin origin;
    private final Runnable ended;
    private final Runnable alive;
    private @Nullable Object linkState;
    private int tries = TRIES;

    EndQuestion(HttpLink link, String name, Runnable ended, Runnable alive) {
        this.link = link;
        this.origin = new Origin(WORD, name, "http", "", "", new ForwardedFields());
        this.ended = ended;
        this.alive = alive;
    }

    private static RequestHead made() {
        byte[] bytes = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII);
        RequestHead made = new RequestHead();
        made.reset(bytes, 0);
        HeadLimits limits = new HeadLimits(bytes.length, bytes.length, bytes.length, bytes.length, false);
        if (new RequestParser(limits).parse(bytes, 0, bytes.length, made) != bytes.length) {
            throw new IllegalStateException("its own head is none");
        }
        return made;
    }

    void ask() {
        link.forward(this);
    }

    @Override
    public void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd) {}

    @Override
    public boolean answerFields(ResponseHead head) {
        return true;
    }

    @Override
    public boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        return true;
    }

    @Override
    public void answerHeadEnd(long length) {}

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        alive.run();
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        throw new IllegalStateException("no file belongs to such an answer");
    }

    @Override
    public void answerEnd(long service) {
        ended.run();
    }

    @Override
    public void returned() {
        ended.run();
    }

    @Override
    public void failed(Failure failure, String detail) {
        if (failure.maybeUnsent() && !link.isClosed() && --tries > 0) {
            link.loop.timer(this::ask).set(link.loop.now() + PAUSE);
        } else {
            ended.run();
        }
    }

    @Override
    public boolean wantsMore() {
        return true;
    }

    @Override
    public RequestHead head() {
        return HEAD;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public BodySource body() {
        return NoBody.NONE;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object state) {
        linkState = state;
    }

    private enum NoBody implements BodySource {
        NONE;

        @Override
        public long length() {
            return 0;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public int take(byte[] into, int offset, int length) {
            return -1;
        }

        @Override
        public boolean rewind() {
            return true;
        }
    }
}
