package terpan.loop;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
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
    private boolean closed;
    private boolean held;
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

    /** Begins to connect to a worker, as {@link Loop#connect} has it. */
    static NioWire connect(NioLoop loop, SocketAddress address, WireHandler handler) throws IOException {
        boolean unix = address instanceof UnixDomainSocketAddress;
        SocketChannel channel = unix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.configureBlocking(false);
            if (!unix) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            NioWire wire = new NioWire(loop, channel, Loop.Side.WORKER, handler, address, unix ? null : address);
            if (channel.connect(address)) {
                wire.requireSomebodyElse();
                wire.register(SelectionKey.OP_READ);
                loop.execute(handler::onConnected);
            } else {
                wire.register(SelectionKey.OP_CONNECT);
            }
            return wire;
        } catch (IOException failed) {
            channel.close();
            throw AcceptQueue.isFull(address, failed)
                    ? new AcceptQueueFullException(String.valueOf(failed.getMessage()))
                    : failed;
        } catch (UnresolvedAddressException | UnsupportedAddressTypeException noAddress) {
            channel.close();
            throw new IOException(address + " is no address to connect to", noAddress);
        }
    }

    /** Where nobody listens, the system may give a socket the very port that it asks for: what it sends comes back to it. */
    private void requireSomebodyElse() throws IOException {
        if (remote instanceof InetSocketAddress && remote.equals(channel.getLocalAddress())) {
            throw new ConnectException("it was connected to itself: nobody listens there");
        }
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
            requireSomebodyElse();
        } catch (IOException refused) {
            close();
            handler.onConnectFailed(refused);
            return;
        }
        interest(SelectionKey.OP_READ);
        handler.onConnected();
    }

    boolean takeFlush() {
        boolean pending = flushPending && !closed;
        flushPending = false;
        return pending;
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        requireOpen();
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
        requireOpen();
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
        requireOpen();
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

    @Override
    public boolean sentAll() {
        interest(interest & ~SelectionKey.OP_WRITE);
        return true;
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
        requireOpen();
        channel.shutdownOutput();
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    /**
     * Nothing passes through the wire any more; its socket is closed in the loop's next turn, by {@link ClosingWires}, or once nobody
     * holds it: closing waits for a transfer, which may wait for a disk.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        SelectionKey registered = key;
        if (registered == null) {
            closeChannel();
        } else {
            registered.cancel();
            if (!held) {
                loop.closeLater(this);
            }
        }
    }

    @Override
    public void hold() {
        held = true;
    }

    @Override
    public void letGo() {
        if (held && closed) {
            loop.closeLater(this);
        }
        held = false;
    }

    void closeChannel() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            loop.report("closing a socket failed", alreadyGone);
        }
    }

    @Override
    public void reset() {
        if (!closed && local instanceof java.net.InetSocketAddress) {
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
        return !closed;
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
