package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Syslog over TCP: each message behind its length (RFC 6587, section 3.4.1). Never waits for a receiver that does not read: what a message
 * lacks is sent first next time, and on another connection the whole of it. What a receiver that left had not read yet is lost, as the
 * protocol has no answers. Belongs to the log's writer thread.
 */
final class SyslogStream implements SyslogReceiver.Transport {
    private static final int CONNECT_MILLIS = 3_000;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final String host;
    private final int port;
    private @Nullable SocketChannel channel;

    /** What the last message lacks; it is sent again by whoever could not send it. */
    private ByteBuffer rest = NONE;

    SyslogStream(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /** Looks the name up. */
    static InetSocketAddress address(String host, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new UnknownHostException("the name " + host + " is not found");
        }
        return address;
    }

    @Override
    public void send(byte[] message) throws IOException {
        try {
            SocketChannel to = connected();
            if (!rest.hasRemaining()) {
                byte[] length = (message.length + " ").getBytes(US_ASCII);
                rest = ByteBuffer.allocate(length.length + message.length)
                        .put(length)
                        .put(message)
                        .flip();
            }
            while (rest.hasRemaining()) {
                if (to.write(rest) == 0) {
                    throw new Full();
                }
            }
        } catch (Full full) {
            if (rest.position() == 0) {
                rest = NONE;
            }
            throw full;
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    /** Nothing is wrong but that it is read too slowly. */
    private static final class Full extends IOException {
        private static final long serialVersionUID = 1;

        Full() {
            super("it takes nothing at the moment");
        }
    }

    private SocketChannel connected() throws IOException {
        if (channel != null && channel.read(ByteBuffer.allocate(1)) < 0) {
            close();
        }
        if (channel == null) {
            rest = NONE;
            channel = SocketChannel.open();
            channel.socket().connect(address(host, port), CONNECT_MILLIS);
            // Where nobody listens, the system may have given this socket the very port that it asks for: it would read
            // what it writes.
            if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
                close();
                throw new ConnectException("it was connected to itself: nobody listens there");
            }
            channel.configureBlocking(false);
        }
        return channel;
    }

    @Override
    public void close() throws IOException {
        rest = NONE;
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
