package terpan.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * Lines of text, and listening sockets with some of them, between two processes: {@code SCM_RIGHTS} of {@code unix(7)} over a connected Unix
 * socket. A socket is sent with its line; whoever reads finds the sockets in the order of their lines. Not thread-safe.
 */
public final class HandoverChannel implements AutoCloseable {
    private static final int LINE_MOST = 16 * 1024;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final SocketChannel channel;
    private final int descriptor;
    private final byte[] buffer = new byte[LINE_MOST];
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private final Queue<String> lines = new ArrayDeque<>();
    private final Queue<ServerSocketChannel> sockets = new ArrayDeque<>();
    private boolean ended;

    /**
     * Over a connected Unix socket, which is closed with this.
     *
     * @throws IOException when this Java does not tell its descriptor
     */
    public HandoverChannel(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        descriptor = HandedSockets.descriptorOf(channel);
    }

    /**
     * Sends a line.
     *
     * @param line without an end of line in it, shorter than 16 KiB
     * @throws IOException when it was not taken at once, which the kernel's buffer has room for
     */
    public void send(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(bytes(line));
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                throw new IOException("the other process takes nothing");
            }
        }
    }

    /** The same, with a socket that listens; it stays open here, too. */
    public void send(String line, ServerSocketChannel socket) throws IOException {
        SystemCalls.sendDescriptor(descriptor, bytes(line), HandedSockets.descriptorOf(socket));
    }

    private static byte[] bytes(String line) {
        byte[] bytes = (line + "\n").getBytes(UTF_8);
        if (line.indexOf('\n') >= 0 || bytes.length > LINE_MOST) {
            throw new IllegalArgumentException("no line of at most " + LINE_MOST + " bytes: " + line);
        }
        return bytes;
    }

    /**
     * The next line, if it is there; never waits.
     *
     * @throws IOException the connection is broken, or what came is longer than a line may be
     */
    public Optional<String> poll() throws IOException {
        if (lines.isEmpty() && !ended) {
            take(SystemCalls.receiveDescriptor(descriptor, buffer));
        }
        return Optional.ofNullable(lines.poll());
    }

    /**
     * The next line; empty: the other process has ended it.
     *
     * @throws IOException the connection is broken, or nothing came within that time
     */
    public Optional<String> await(Duration most) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (true) {
            Optional<String> line = poll();
            if (line.isPresent() || ended) {
                return line;
            }
            if (System.nanoTime() - began > most.toNanos()) {
                throw new IOException("nothing came within " + most.toSeconds() + " s");
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private void take(SystemCalls.Received received) throws IOException {
        if (received.descriptor() >= 0) {
            sockets.add(HandedSockets.channel(received.descriptor()));
        }
        ended = received.length() == 0;
        for (int i = 0; i < received.length(); i++) {
            if (buffer[i] != '\n') {
                begun.write(buffer[i]);
                continue;
            }
            lines.add(begun.toString(UTF_8));
            begun.reset();
        }
        if (begun.size() > LINE_MOST) {
            throw new IOException("a line of more than " + LINE_MOST + " bytes came");
        }
    }

    /** The socket that came with the first line of those that had one, and was not taken yet. */
    public ServerSocketChannel socket() throws IOException {
        ServerSocketChannel next = sockets.poll();
        if (next == null) {
            throw new IOException("a line that tells of a socket came without one");
        }
        return next;
    }

    /** Whether the other process has closed its end, and all that it sent was read. */
    public boolean hasEnded() {
        return ended && lines.isEmpty();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            for (ServerSocketChannel left : sockets) {
                left.close();
            }
        }
    }
}
