package terpan.examine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A connection to a worker with nothing between: sends the bytes it is told to and gathers what comes, on a thread of its own, so
 * that every wait has an end. For one caller at a time.
 */
final class RawConnection implements AutoCloseable {
    private static final int RECEIVED_MOST = 8 << 20;
    private static final int CONNECT_TRIES = 50;
    private static final long RETRY_MILLIS = 20;

    private final SocketChannel channel;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private boolean ended;

    private RawConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects; a worker whose accept queue is full is asked again for a second. */
    static RawConnection to(SocketAddress address) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                RawConnection connection = new RawConnection(SocketChannel.open(address));
                Thread.ofVirtual().name("terpan-probe-reader").start(connection::gather);
                return connection;
            } catch (IOException refused) {
                if (tries == CONNECT_TRIES) {
                    throw refused;
                }
                Thread.sleep(RETRY_MILLIS);
            }
        }
    }

    private void gather() {
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        boolean open = true;
        while (open) {
            try {
                open = channel.read(buffer.clear()) >= 0;
            } catch (IOException reset) {
                open = false;
            }
            synchronized (this) {
                if (open && received.size() < RECEIVED_MOST) {
                    received.write(buffer.array(), 0, buffer.position());
                }
                ended = !open;
                notifyAll();
            }
        }
    }

    /** Sends; what a server that has closed does not take is lost. */
    RawConnection send(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException closed) {
            // Seen by whoever waits for the answer.
        }
        return this;
    }

    /** Sends the head of a request. */
    RawConnection ask(String method, String target, String... fields) {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return send(method + " " + target + " HTTP/1.1\r\nHost: probe.example\r\nX-Terpan-Origin: bare\r\n" + more
                + "\r\n");
    }

    /** Waits until a condition holds; false: it does not at the end of the connection or of the time. */
    synchronized boolean await(Predicate<Received> condition, Duration most) throws InterruptedException {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.test(received())) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (ended || left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** The first answer, once it is whole. */
    Optional<RawAnswer> answer(Duration most) throws InterruptedException {
        return answerAt(0, most);
    }

    /** The answer that begins after so many bytes, once it is whole. */
    Optional<RawAnswer> answerAt(int start, Duration most) throws InterruptedException {
        boolean whole = await(now -> RawAnswer.at(start, now, false).isPresent(), most);
        return whole ? RawAnswer.at(start, received(), false) : Optional.empty();
    }

    synchronized Received received() {
        return new Received(received.toString(ISO_8859_1), ended);
    }

    /** Closes at once, whoever is sending. */
    void end() {
        try {
            channel.close();
        } catch (IOException broken) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        end();
    }
}
