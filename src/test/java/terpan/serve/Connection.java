package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A client that sends exactly the bytes it is told to and reads one answer after the other. For one thread at a time. */
public class Connection implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    final SocketChannel channel;
    private final InputStream input;

    Connection(SocketChannel channel) {
        this.channel = channel;
        this.input = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
    }

    public static Connection to(SocketAddress address) throws IOException {
        return new Connection(SocketChannel.open(address));
    }

    public Connection send(String text) throws IOException {
        return send(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    public Connection send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return this;
    }

    /** Sends the head of a request for a target, with these fields more. */
    public Connection ask(String method, String target, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return send(method + " " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + more + "\r\n");
    }

    public Answer get(String target, String... fields) throws IOException {
        return ask("GET", target, fields).read();
    }

    /** The port that the other side sees. */
    public int localPort() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    public Connection endOutput() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** The next answer, whole. */
    public Answer read() throws IOException {
        Answer head = readHead();
        return head.withBody(new String(body(head).readAllBytes(), ISO_8859_1));
    }

    /** The head of the next answer; its body is empty as yet. */
    public Answer readHead() throws IOException {
        String[] status = readLine().split(" ", 3);
        List<String> fields = new ArrayList<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            fields.add(line);
        }
        return new Answer(status[0], Integer.parseInt(status[1]), fields, "");
    }

    /** The body that belongs to a head, to be read to its end before the next answer. */
    public InputStream body(Answer head) {
        if (head.status() < 200 || head.status() == 204 || head.status() == 304) {
            return InputStream.nullInputStream();
        }
        if (head.field("transfer-encoding").isPresent()) {
            return new Chunked();
        }
        return head.field("content-length")
                .<InputStream>map(length -> new Counted(Long.parseLong(length)))
                .orElse(input);
    }

    /** So many bytes that are no answer's. */
    byte[] take(int count) throws IOException {
        return input.readNBytes(count);
    }

    /** Whether the other side has closed and nothing more came before. */
    public boolean ended() throws IOException {
        return input.read() < 0;
    }

    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = input.read();
            if (next < 0) {
                throw new EOFException("closed after: " + line);
            }
            if (next == '\n') {
                return line.toString().stripTrailing();
            }
            line.append((char) next);
        }
    }

    /** Leaves for good: a reset, where closing would look like the end of the sending side alone. */
    public void leave() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** So many bytes; the end of the connection before them is an error. */
    private class Counted extends InputStream {
        long left;

        Counted(long length) {
            left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0 || length == 0) {
                return length == 0 ? 0 : -1;
            }
            int count = input.read(bytes, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new EOFException(left + " bytes of the body are missing");
            }
            left -= count;
            return count;
        }
    }

    /** Chunk after chunk to the last. */
    private final class Chunked extends Counted {
        private boolean first = true;
        private boolean done;

        Chunked() {
            super(0);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0 && !done && length > 0) {
                if (!first) {
                    readLine();
                }
                first = false;
                left = Long.parseLong(readLine(), 16);
                if (left == 0) {
                    done = true;
                    readLine();
                }
            }
            return super.read(bytes, offset, length);
        }
    }
}
