package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import terpan.http2.FrameClient;
import terpan.http2.FrameClient.Came;

/**
 * The same client over HTTP/2 with prior knowledge: each request is a stream, answers are read in the order of the requests, and an answer
 * that is reset is one that breaks off. What it sends keeps within the server's windows.
 */
public final class Http2Connection extends Connection {
    private static final int PIECE = 16 * 1024;
    private static final int WINDOW = 1 << 24;
    private static final int FIRST_WINDOW = 65_535;

    private final FrameClient frames = new FrameClient();
    private final ByteBuffer buffer = ByteBuffer.allocate(PIECE);
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Deque<Stream> unread = new ArrayDeque<>();
    private Stream last = new Stream(-1);
    private int next = 1;
    private int window = FIRST_WINDOW;
    private int streamWindow = FIRST_WINDOW;

    /** One request with what came of its answer. */
    private static final class Stream {
        final int id;
        final Deque<Came> came = new ArrayDeque<>();
        int window;
        long bodyLeft;
        boolean over;

        Stream(int id) {
            this.id = id;
        }
    }

    private Http2Connection(SocketChannel channel) {
        super(channel);
    }

    public static Http2Connection over(SocketAddress address) throws IOException {
        Http2Connection connection = new Http2Connection(SocketChannel.open(address));
        connection.write(FrameClient.all(FrameClient.hello(WINDOW), FrameClient.window(0, WINDOW)));
        return connection;
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(bytes);
        while (all.hasRemaining()) {
            channel.write(all);
        }
    }

    @Override
    public Connection ask(String method, String target, String... fields) throws IOException {
        last = new Stream(next);
        next += 2;
        last.window = streamWindow;
        List<String> all = new ArrayList<>(
                List.of(":method: " + method, ":scheme: http", ":authority: shop.example", ":path: " + target));
        for (String field : fields) {
            int colon = field.indexOf(':');
            String name = field.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = field.substring(colon + 1).strip();
            all.add(name + ": " + value);
            last.bodyLeft = name.equals("content-length") ? Long.parseLong(value) : last.bodyLeft;
        }
        streams.put(last.id, last);
        unread.add(last);
        write(FrameClient.head(last.id, last.bodyLeft == 0, all));
        return this;
    }

    /** Sends more of the body of the last request, as far as the server still wants it. */
    @Override
    public Connection send(String text) throws IOException {
        int at = 0;
        while (at < text.length() && !last.over) {
            int count = Math.min(Math.min(text.length() - at, PIECE), Math.min(window, last.window));
            if (count <= 0) {
                receive();
                continue;
            }
            last.bodyLeft -= count;
            window -= count;
            last.window -= count;
            write(FrameClient.data(last.id, last.bodyLeft == 0, text.substring(at, at + count)));
            at += count;
        }
        return this;
    }

    @Override
    public Connection send(ByteBuffer bytes) {
        throw new UnsupportedOperationException("what is no frame cannot be sent");
    }

    @Override
    public Connection endOutput() {
        throw new UnsupportedOperationException("a client of HTTP/2 that ends its sending side has left");
    }

    private void receive() throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count < 0) {
            throw new EOFException("the connection ended");
        }
        for (Came each : frames.take(Arrays.copyOf(buffer.array(), count))) {
            came(each);
        }
    }

    private void came(Came frame) throws IOException {
        if (frame.type().equals("SETTINGS") && !frame.end() && frame.number() >= 0) {
            for (Stream stream : streams.values()) {
                stream.window += frame.number() - streamWindow;
            }
            streamWindow = frame.number();
        }
        Stream stream = streams.get(frame.stream());
        switch (frame.type()) {
            case "WINDOW" -> {
                window += frame.stream() == 0 ? frame.number() : 0;
                if (stream != null) {
                    stream.window += frame.number();
                }
            }
            case "DATA", "HEADERS", "RST" -> {
                if (stream == null) {
                    throw new IOException("a frame of no request: " + frame);
                }
                stream.over |= frame.end();
                stream.came.add(frame);
                if (frame.type().equals("DATA") && frame.number() > 0) {
                    write(FrameClient.window(0, frame.number()));
                    write(frame.end() ? new byte[0] : FrameClient.window(stream.id, frame.number()));
                }
            }
            default -> {}
        }
    }

    private Came next(Stream stream) throws IOException {
        while (stream.came.isEmpty()) {
            receive();
        }
        Came frame = stream.came.remove();
        if (frame.type().equals("RST")) {
            throw new EOFException("stream " + stream.id + " was reset: " + frame.text());
        }
        return frame;
    }

    @Override
    public Answer readHead() throws IOException {
        Stream stream = unread.element();
        Came head = next(stream);
        if (!head.type().equals("HEADERS")) {
            throw new IOException("a head expected: " + head);
        }
        List<String> fields = List.of(head.text().split("\\|"));
        int status = Integer.parseInt(fields.getFirst().substring(":status: ".length()));
        if (status >= 200) {
            unread.remove();
            if (head.end()) {
                stream.came.addFirst(new Came("DATA", stream.id, "", true, 0));
            }
        }
        last = stream;
        return new Answer("HTTP/2", status, fields.subList(1, fields.size()), "");
    }

    /** Of the head that was read last. */
    @Override
    public InputStream body(Answer head) {
        return head.status() < 200 ? InputStream.nullInputStream() : new Body(last);
    }

    /** Whether the server has closed the connection, and sent no more of an answer. */
    @Override
    public boolean ended() throws IOException {
        try {
            while (last.came.isEmpty()) {
                receive();
            }
            return false;
        } catch (EOFException ended) {
            return true;
        }
    }

    private final class Body extends InputStream {
        private final Stream stream;
        private InputStream piece = new ByteArrayInputStream(new byte[0]);
        private boolean whole;

        Body(Stream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = piece.read(bytes, offset, length);
            while (count < 0 && !whole) {
                Came data = next(stream);
                whole = data.end();
                piece = new ByteArrayInputStream(data.text().getBytes(ISO_8859_1));
                count = piece.read(bytes, offset, length);
            }
            return count;
        }
    }
}
