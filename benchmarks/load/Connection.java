import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection with at most one request on it. Who takes it writes; only the thread of answers reads. Answers must have a
 * Content-Length, as all have that are compared here.
 */
final class Connection {
    private static final int HEAD_BYTES = 8192;

    private final OpenLoad load;
    private final ByteBuffer in = ByteBuffer.allocate(HEAD_BYTES);
    private SocketChannel channel;
    private boolean connected;
    private boolean kept;
    private String status = "";
    private long bodyLeft = -1;

    /** Set and taken with the load's lock held. */
    volatile Request request;

    Connection(OpenLoad load) {
        this.load = load;
    }

    /** Connects, or writes the request. */
    void begin() {
        try {
            if (channel != null) {
                write();
                return;
            }
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(load.address);
            load.registerLater(this);
        } catch (IOException failure) {
            failed(failure);
        }
    }

    void register() {
        try {
            channel.register(load.selector, SelectionKey.OP_CONNECT, this);
            if (channel.isConnected() || channel.finishConnect()) connected();
        } catch (IOException failure) {
            failed(failure);
        }
    }

    void ready() {
        try {
            if (!connected) {
                if (channel.finishConnect()) connected();
                return;
            }
            int read = channel.read(in);
            if (read < 0) {
                load.ended(this, "the connection ended before the answer did");
            } else if (consume()) {
                bodyLeft = -1;
                load.answered(this, kept, status.equals("200") ? "" : "answered with " + status);
            }
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /** Whether the request may be sent again: the server may have closed the idle connection just before it. */
    boolean untouched() {
        return connected && in.position() == 0 && bodyLeft < 0;
    }

    void close() {
        request = null;
        if (channel == null) return;
        try {
            channel.close();
        } catch (IOException failure) {
            System.err.println("a connection could not be closed: " + failure);
        }
    }

    private void connected() throws IOException {
        connected = true;
        channel.keyFor(load.selector).interestOps(SelectionKey.OP_READ);
        write();
    }

    private void write() throws IOException {
        Request now = request;
        if (now == null) throw new IOException("given up before it was sent");
        ByteBuffer out = ByteBuffer.wrap(now.bytes());
        channel.write(out);
        if (out.hasRemaining()) throw new IOException("a request does not fit into the socket");
    }

    /** Takes what was read; true when the answer is whole. */
    private boolean consume() throws IOException {
        if (bodyLeft < 0) {
            String head = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
            int end = head.indexOf("\r\n\r\n");
            if (end < 0) {
                if (!in.hasRemaining()) throw new IOException("a head longer than " + HEAD_BYTES + " bytes");
                return false;
            }
            bodyLeft = bodyLength(head.substring(0, end + 2)) - (in.position() - end - 4);
        } else {
            bodyLeft -= in.position();
        }
        in.clear();
        if (bodyLeft < 0) throw new IOException("more than an answer");
        return bodyLeft == 0;
    }

    private int bodyLength(String head) throws IOException {
        if (!head.matches("(?s)HTTP/1\\.[01] [0-9]{3}.*")) throw new IOException("an answer that is not HTTP/1");
        status = head.substring(9, 12);
        String fields = head.toLowerCase(Locale.ROOT);
        kept = head.startsWith("HTTP/1.1") && !fields.contains("\r\nconnection: close");
        int length = fields.indexOf("\r\ncontent-length:");
        if (length < 0) throw new IOException("an answer without a length");
        return Integer.parseInt(fields.substring(length + 17, fields.indexOf("\r\n", length + 2)).strip());
    }

    private void failed(IOException failure) {
        load.ended(this, String.valueOf(failure.getMessage()));
    }
}
