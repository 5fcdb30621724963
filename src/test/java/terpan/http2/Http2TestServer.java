package terpan.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import terpan.http.HeadLimits;
import terpan.http.Method;
import terpan.http.Refusal;
import terpan.loop.Acceptor;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.NioLoop;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/**
 * A server on real sockets: GET is answered with some words, {@code /bytes/N} with so many bytes, anything with a body with that body.
 * Shows how an owner drives a connection.
 */
public final class Http2TestServer implements AutoCloseable {
    private static final byte[] HELLO = "hello, world\n".getBytes(US_ASCII);
    private static final byte[] TYPE = "content-type".getBytes(US_ASCII);
    private static final byte[] PLAIN = "text/plain; charset=utf-8".getBytes(US_ASCII);
    private static final byte[] SERVER = "server".getBytes(US_ASCII);
    private static final byte[] NAME = "terpan-test".getBytes(US_ASCII);
    private static final byte[] BYTES = "/bytes/".getBytes(US_ASCII);
    private static final byte[] PATTERN = new byte[64 * 1024];
    private static final long LINGER_NANOS = 1_000_000_000L;

    static {
        for (int i = 0; i < PATTERN.length; i++) {
            PATTERN[i] = (byte) ('a' + i % 26);
        }
    }

    /** What tests of real clients use. */
    static final Http2Limits LIMITS = new Http2Limits(
            Http2Limits.STREAMS,
            64 * 1024,
            1024 * 1024,
            new HeadLimits(8000, 8000, 32 * 1024, 80, false),
            Http2Limits.TABLE,
            false);

    private final NioLoop loop;
    private final ServerSocketChannel channel;
    private final Http2Server server;
    private final BufferPool pool = new BufferPool();

    private final AtomicInteger counted = new AtomicInteger();

    /** Connections that are open. */
    final AtomicInteger connections = new AtomicInteger();

    /** Streams that are open. */
    final AtomicInteger streams = new AtomicInteger();

    private Http2TestServer(Http2Limits limits) throws IOException {
        Buffers buffers = new Buffers() {
            @Override
            public byte[] take(int size) {
                return size <= BufferPool.BYTES ? pool.take() : pool.take(size);
            }

            @Override
            public byte[] takeSome(int least) {
                return pool.takeSome(least);
            }

            @Override
            public boolean exhausted() {
                return false;
            }

            @Override
            public void giveBack(byte[] buffer) {
                pool.giveBack(buffer);
            }

            @Override
            public void count(int change) {
                counted.addAndGet(change);
            }
        };
        server = new Http2Server(limits, buffers);
        loop = new NioLoop(0);
        channel = ServerSocketChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    }

    /** Starts one on a free port of the loopback address. */
    static Http2TestServer start(Http2Limits limits) throws IOException, InterruptedException {
        Http2TestServer made = new Http2TestServer(limits);
        made.loop.start();
        CountDownLatch listening = new CountDownLatch(1);
        made.loop.execute(() -> {
            try {
                Acceptor.start(made.loop, List.of(made.loop), made.channel, made::accepted);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            listening.countDown();
        });
        listening.await();
        return made;
    }

    int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** Bytes of buffers that are in use, and what large heads take. */
    long lentBytes() {
        return pool.lentBytes() + counted.get();
    }

    private WireHandler accepted(Loop on, Wire wire) {
        connections.incrementAndGet();
        return new Client(on, wire);
    }

    @Override
    public void close() throws IOException {
        try {
            loop.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.close();
    }

    /** Serves one alone, for load by hand. */
    public static void main(String[] arguments) throws Exception {
        try (Http2TestServer server = start(LIMITS)) {
            System.out.println(server.port());
            new CountDownLatch(1).await();
        }
    }

    /** One connection. */
    private final class Client implements WireHandler, Http2Owner {
        private final Loop loop;
        private final Wire wire;
        private final Timer timer;
        private final Http2Connection connection;
        private final byte[] input = new byte[BufferPool.BYTES];
        private boolean shut;
        private boolean closed;

        Client(Loop loop, Wire wire) {
            this.loop = loop;
            this.wire = wire;
            this.timer = loop.timer(this::close);
            this.connection = new Http2Connection(server, this);
            connection.begin();
        }

        @Override
        public void onReadable() {
            try {
                int count = wire.receive(input, 0, input.length);
                if (count < 0) {
                    close();
                    return;
                }
                connection.receive(input, 0, count, loop.now());
                wire.reading(connection.failed() || connection.mayReceive());
            } catch (IOException gone) {
                close();
            }
        }

        @Override
        public void flushLater() {
            wire.flushLater();
        }

        @Override
        public void onFlush() {
            try {
                while (connection.fill()) {
                    int count = wire.send(connection.output(), connection.outputStart(), connection.outputLength());
                    connection.sent(count);
                    if (connection.outputLength() > 0) {
                        wire.awaitWritable(true);
                        return;
                    }
                }
                wire.awaitWritable(false);
                wire.reading(connection.failed() || connection.mayReceive());
                if (connection.over() && !shut) {
                    shut = true;
                    wire.shutdownOutput();
                    timer.set(loop.now() + LINGER_NANOS);
                }
            } catch (IOException gone) {
                close();
            }
        }

        private void close() {
            if (!closed) {
                closed = true;
                timer.cancel();
                connection.close();
                wire.close();
                connections.decrementAndGet();
            }
        }

        @Override
        public void request(Http2Stream stream) {
            Answer answer = begin(stream);
            if (stream.head.expectContinue) {
                stream.informational(100);
            }
            if (stream.requestEnded()) {
                answer(stream, answer);
            }
        }

        private Answer begin(Http2Stream stream) {
            Answer answer = stream.attachment instanceof Answer before ? before : new Answer();
            stream.attachment = answer;
            if (!answer.open) {
                streams.incrementAndGet();
            }
            answer.reset();
            return answer;
        }

        private void answer(Http2Stream stream, Answer answer) {
            long length = length(stream, answer);
            stream.answer(200);
            stream.field(TYPE, PLAIN);
            stream.field(SERVER, NAME);
            stream.length(length);
            boolean none = length == 0 || stream.head.method == Method.HEAD;
            stream.headEnd(none);
            if (none) {
                return;
            }
            if (answer.body == null && answer.left < 0) {
                answer.left = HELLO.length;
                answer.words = HELLO;
                int taken = stream.offer(HELLO, 0, HELLO.length, true);
                if (taken == HELLO.length) {
                    return;
                }
                answer.at = taken;
                answer.left -= taken;
            }
            stream.source(answer);
            stream.ready();
        }

        private static long length(Http2Stream stream, Answer answer) {
            if (answer.body != null) {
                answer.left = answer.body.length;
                return answer.left;
            }
            byte[] path = Arrays.copyOfRange(stream.head.bytes, stream.head.pathStart, stream.head.pathEnd);
            if (path.length > BYTES.length && Arrays.equals(path, 0, BYTES.length, BYTES, 0, BYTES.length)) {
                answer.left = Long.parseLong(new String(path, BYTES.length, path.length - BYTES.length, US_ASCII));
                return answer.left;
            }
            return HELLO.length;
        }

        @Override
        public void refused(Http2Stream stream, Refusal refusal) {
            byte[] page = (refusal.reason() + "\n").getBytes(US_ASCII);
            stream.answer(refusal.status());
            stream.length(page.length);
            Answer answer = begin(stream);
            answer.body = page;
            answer.left = page.length;
            stream.headEnd(false);
            stream.source(answer);
            stream.ready();
        }

        @Override
        public void body(Http2Stream stream, byte[] bytes, int from, int to) {
            if (stream.attachment instanceof Answer answer) {
                byte[] before = answer.body == null ? new byte[0] : answer.body;
                answer.body = Arrays.copyOf(before, before.length + to - from);
                System.arraycopy(bytes, from, answer.body, before.length, to - from);
            }
            stream.taken(to - from);
        }

        @Override
        public void bodyEnd(Http2Stream stream) {
            if (!stream.headSent() && stream.attachment instanceof Answer answer) {
                answer(stream, answer);
            }
        }

        @Override
        public boolean closed(Http2Stream stream, End end, int code) {
            if (stream.attachment instanceof Answer answer && answer.open) {
                answer.open = false;
                streams.decrementAndGet();
            }
            return true;
        }

        @Override
        public void malformed(Malformed what) {}
    }

    /** What is answered to one request. */
    private static final class Answer implements AnswerSource {
        byte @Nullable [] body;
        byte[] words = PATTERN;
        long left;
        boolean open;
        private int at;

        void reset() {
            open = true;
            words = PATTERN;
            body = null;
            left = -1;
            at = 0;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, left));
        }

        @Override
        public int take(byte[] into, int to, int most) {
            byte[] from = body == null ? words : body;
            int count = (int) Math.min(Math.min(left, most), from.length - at);
            System.arraycopy(from, at, into, to, count);
            at = at + count == from.length ? 0 : at + count;
            left -= count;
            return count;
        }

        @Override
        public boolean last() {
            return true;
        }
    }
}
