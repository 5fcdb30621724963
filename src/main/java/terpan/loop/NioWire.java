package terpan.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A socket channel of a {@link NioLoop}; bytes pass through the loop's two direct buffers. Owned by the loop's thread. */
final class NioWire implements Wire {
    private final NioLoop loop;
    private final SocketChannel channel;
    private final @Nullable SocketAddress remote;
    private final @Nullable SocketAddress local;
    final Loop.Side side;
    private @Nullable SelectionKey key;
    private int interest;
    private boolean flushPending;
    WireHandler handler;

    NioWire(
            NioLoop loop,
            SocketChannel channel,
            Loop.Side side,
            WireHandler handler,
            @Nullable SocketAddress remote,
            @Nullable SocketAddress local) {
        this.loop = loop;
        this.channel = channel;
        this.side = side;
        this.handler = handler;
        this.remote = remote;
        this.local = local;
    }

    void register(int operations) throws IOException {
        interest = operations;
        key = channel.register(loop.selector(), operations, this);
    }

    /** Called by the loop when the selector found the wire ready for something else than receiving. */
    void onReadyToConnectOrSend(int ready) {
        if ((ready & SelectionKey.OP_CONNECT) != 0) {
            finishConnect();
        } else if ((ready & SelectionKey.OP_WRITE) != 0) {
            flushLater();
        }
    }

    private void finishConnect() {
        try {
            channel.finishConnect();
        } catch (IOException refused) {
            close();
            handler.onConnectFailed(refused);
            return;
        }
        interest(SelectionKey.OP_READ);
        handler.onConnected();
    }

    boolean takeFlush() {
        boolean pending = flushPending && channel.isOpen();
        flushPending = false;
        return pending;
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        ByteBuffer buffer = loop.receiveBuffer();
        buffer.clear().limit(Math.min(length, buffer.capacity()));
        int received = channel.read(buffer);
        if (received > 0) {
            buffer.get(0, into, offset, received);
        }
        return received;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        ByteBuffer buffer = loop.sendBuffer();
        int sent = 0;
        while (sent < length) {
            int piece = Math.min(length - sent, buffer.capacity());
            buffer.clear();
            buffer.put(0, from, offset + sent, piece).limit(piece);
            int taken = channel.write(buffer);
            sent += taken;
            if (taken < piece) {
                break;
            }
        }
        return sent;
    }

    @Override
    public long transferFrom(FileChannel file, long position, long length) throws IOException {
        return file.transferTo(position, length, channel);
    }

    @Override
    public void flushLater() {
        if (!flushPending) {
            flushPending = true;
            loop.flushLater(this);
        }
    }

    @Override
    public void reading(boolean wanted) {
        interest(wanted ? interest | SelectionKey.OP_READ : interest & ~SelectionKey.OP_READ);
    }

    @Override
    public void awaitWritable(boolean wanted) {
        interest(wanted ? interest | SelectionKey.OP_WRITE : interest & ~SelectionKey.OP_WRITE);
    }

    private void interest(int operations) {
        SelectionKey registered = key;
        if (operations == interest || registered == null) {
            return;
        }
        interest = operations;
        try {
            registered.interestOps(operations);
        } catch (CancelledKeyException closed) {
            interest = 0;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            loop.report("closing a socket failed", alreadyGone);
        }
    }

    @Override
    public void reset() {
        if (channel.isOpen() && local instanceof java.net.InetSocketAddress) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException alreadyReset) {
                loop.report("the peer was faster with its reset", alreadyReset);
            }
        }
        close();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return local;
    }
}
