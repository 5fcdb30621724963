package terpan.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Messages of text both ways over a connected Unix socket, each its length (four bytes, big-endian) and that many bytes of UTF-8; with one that
 * comes may come a descriptor ({@code SCM_RIGHTS} of {@code unix(7)}). One thread receives, any may send.
 */
public final class DescriptorChannel implements AutoCloseable {
    private static final int MESSAGE_MOST = 256 * 1024;
    private static final int LENGTH_BYTES = 4;

    /** A descriptor that came, until it is made into something that owns it. */
    public static final class Descriptor {
        private final int number;

        private Descriptor(int number) {
            this.number = number;
        }

        /** What it is called in {@code /proc}. */
        public Path place() {
            return Path.of("/proc/self/fd", Integer.toString(number));
        }

        /** A socket that listens. */
        public ServerSocketChannel listening() throws IOException {
            return HandedSockets.channel(number);
        }

        /** What is read from it. */
        public FileInputStream input() throws IOException {
            return new FileInputStream(HandedSockets.named(number));
        }

        /** Where it is written to. */
        public FileOutputStream output() throws IOException {
            return new FileOutputStream(HandedSockets.named(number));
        }

        /** Nobody wants it. */
        public void close() {
            SystemCalls.close(number);
        }
    }

    /** One message, and what came with it. */
    public record Message(String text, Optional<Descriptor> descriptor) {}

    private final SocketChannel channel;
    private final int number;

    /**
     * Over a socket, which is closed with this.
     *
     * @throws IOException when this Java does not tell its descriptor
     */
    public DescriptorChannel(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(true);
        number = HandedSockets.descriptorOf(channel);
    }

    /** Sends a message; waits where the other side takes nothing. */
    public synchronized void send(String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        ByteBuffer message = ByteBuffer.allocate(LENGTH_BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .flip();
        while (message.hasRemaining()) {
            channel.write(message);
        }
    }

    /** Waits for the next message; empty: the other side has ended. */
    public Optional<Message> receive() throws IOException {
        byte[] length = new byte[LENGTH_BYTES];
        SystemCalls.Received first = read(length);
        if (first.length() == 0) {
            return Optional.empty();
        }
        Optional<Descriptor> descriptor =
                first.descriptor() < 0 ? Optional.empty() : Optional.of(new Descriptor(first.descriptor()));
        fill(length, first.length());
        int count = ByteBuffer.wrap(length).getInt();
        if (count < 0 || count > MESSAGE_MOST) {
            throw new IOException("a message of " + count + " bytes, expected at most " + MESSAGE_MOST);
        }
        byte[] text = new byte[count];
        fill(text, 0);
        return Optional.of(new Message(new String(text, UTF_8), descriptor));
    }

    private void fill(byte[] into, int from) throws IOException {
        int filled = from;
        while (filled < into.length) {
            byte[] rest = new byte[into.length - filled];
            SystemCalls.Received more = read(rest);
            if (more.length() == 0) {
                throw new IOException("it ended within a message");
            }
            System.arraycopy(rest, 0, into, filled, more.length());
            filled += more.length();
        }
    }

    /** What came; one that was interrupted is begun again. */
    private SystemCalls.Received read(byte[] into) throws IOException {
        SystemCalls.Received received = SystemCalls.receiveDescriptor(number, into);
        while (received.length() < 0) {
            received = SystemCalls.receiveDescriptor(number, into);
        }
        return received;
    }

    /** Sends nothing more: the other side is told so, and may end. What it says at last is received still. */
    public void end() throws IOException {
        channel.shutdownOutput();
    }

    /** Only once nobody receives any more: who waits in a system call would hold the socket open. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
