package terpan.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.http.HeadLimits;
import terpan.http.Refusal;
import terpan.http.RequestHead;
import terpan.http.RequestParser;

/** One operator's connection: a request is read, answered, and that is all. Runs on one virtual thread, blocking. */
final class AdminExchange {
    static final int REQUEST_MOST = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AdminExchange.class);
    private static final HeadLimits LIMITS = new HeadLimits(2_000, 8_000, REQUEST_MOST, 80, true);

    private final SocketChannel client;
    private final Door door;
    private final Deadline deadline;
    private final ByteBuffer input = ByteBuffer.allocate(REQUEST_MOST);

    AdminExchange(SocketChannel client, Door door, Deadline deadline) {
        this.client = client;
        this.door = door;
        this.deadline = deadline;
    }

    void run() throws IOException {
        RequestHead head = new RequestHead();
        int end = readHead(head);
        if (end == RequestParser.NEED_MORE) {
            return;
        }
        switch (end < 0 ? refusal(Refusal.of(end)) : answer(head, end)) {
            case Answer answer -> {
                send(answer.bytes());
                client.shutdownOutput();
                readToEnd();
            }
            case Reply.Live live -> show(live);
        }
    }

    /** Each piece of it has a deadline of its own: whoever takes none in time looks no more. */
    private void show(Reply.Live live) throws IOException {
        try {
            send(ByteBuffer.wrap(LiveFeed.HEAD.getBytes(ISO_8859_1)));
            LiveFeed.Viewer viewer = live.feed().viewer(live.role());
            while (client.isOpen()) {
                byte[] piece = viewer.next();
                deadline.again();
                send(ByteBuffer.wrap(piece));
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            live.over().run();
        }
    }

    /** The end of the head, a refusal, or {@link RequestParser#NEED_MORE} when the operator left. */
    private int readHead(RequestHead head) throws IOException {
        RequestParser parser = new RequestParser(LIMITS);
        int result = RequestParser.NEED_MORE;
        while (result == RequestParser.NEED_MORE) {
            if (!input.hasRemaining()) {
                return result;
            }
            if (client.read(input) < 0) {
                return result;
            }
            result = parser.parse(input.array(), 0, input.position(), head);
        }
        return result;
    }

    private Reply answer(RequestHead head, int end) throws IOException {
        if (head.contentLength < 0) {
            return Answer.text(411, "A body without Content-Length is not taken here.\n");
        }
        if (head.contentLength > REQUEST_MOST - end) {
            return Answer.text(413, "Head and body may have %d bytes together.\n".formatted(REQUEST_MOST));
        }
        while (input.position() < end + head.contentLength) {
            if (client.read(input) < 0) {
                throw new IOException("the body ended early");
            }
        }
        return routed(AdminRequest.of(head));
    }

    /** A fault of ours must reach the operator and the log, and nobody else. */
    private Reply routed(AdminRequest request) throws IOException {
        try {
            return door.answer(request);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("path", request.path()).setCause(fault).log("operator's request failed");
            return Answer.text(500, "Terpan failed here; its log has the reason.\n");
        }
    }

    private static Answer refusal(Refusal refusal) {
        return Answer.text(refusal.status(), refusal.reason() + "\n");
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /** What is left unread when we close would take the answer with it. */
    private void readToEnd() throws IOException {
        input.clear();
        while (client.read(input) >= 0) {
            input.clear();
        }
    }
}
