package terpan.link;

import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import terpan.http.RequestHead;

/**
 * Asks a worker of ours whether it still works at a request whose connection is closed, as an ASGI application may for as long as it
 * likes once its client has left. Travels as a request does; the launcher answers it, with a byte twice a second until the
 * request has ended, and then with the end. Owned by its link's loop.
 */
final class EndQuestion extends OwnCall {
    /** In the private field in place of a client's address; the name of the request follows. */
    static final String WORD = "ended";

    /** How often it is asked again where the question can not have come through. */
    private static final int TRIES = 30;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final RequestHead HEAD = Objects.requireNonNull(get("/", "localhost", ""));

    private final HttpLink link;
    private final Origin origin;
    private final Runnable ended;
    private final Runnable alive;
    private int tries = TRIES;

    EndQuestion(HttpLink link, String name, Runnable ended, Runnable alive) {
        this.link = link;
        this.origin = new Origin(WORD, name, "http", "", "", new ForwardedFields());
        this.ended = ended;
        this.alive = alive;
    }

    void ask() {
        link.forward(this);
    }

    @Override
    public void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd) {}

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
    public RequestHead head() {
        return HEAD;
    }

    @Override
    public Origin origin() {
        return origin;
    }
}
