package terpan.edge.origin;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import terpan.loop.Wire;

/**
 * A client's wire of which some was received already: by a load balancer's header of the PROXY protocol, which told the client's addresses, or
 * to find out what is spoken. First gives what is still to be taken of that. Belongs to the loop's thread.
 */
public final class GreetedWire implements Wire {
    private final Wire wire;
    private final @Nullable SocketAddress remote;
    private final @Nullable SocketAddress local;
    private byte[] ahead;
    private int at;

    /**
     * @param ahead what was received and is to be taken first
     */
    public GreetedWire(Wire wire, @Nullable SocketAddress remote, @Nullable SocketAddress local, byte[] ahead) {
        this.wire = wire;
        this.remote = remote;
        this.local = local;
        this.ahead = ahead;
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        if (at == ahead.length) {
            return wire.receive(into, offset, length);
        }
        int count = Math.min(length, ahead.length - at);
        System.arraycopy(ahead, at, into, offset, count);
        at += count;
        if (at == ahead.length) {
            ahead = new byte[0];
            at = 0;
        }
        return count;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        return wire.send(from, offset, length);
    }

    @Override
    public long transferFrom(FileChannel file, long position, long length) throws IOException {
        return wire.transferFrom(file, position, length);
    }

    @Override
    public void hold() {
        wire.hold();
    }

    @Override
    public void letGo() {
        wire.letGo();
    }

    @Override
    public void flushLater() {
        wire.flushLater();
    }

    @Override
    public void reading(boolean wanted) {
        wire.reading(wanted);
    }

    @Override
    public void awaitWritable(boolean wanted) {
        wire.awaitWritable(wanted);
    }

    @Override
    public boolean sentAll() throws IOException {
        return wire.sentAll();
    }

    @Override
    public void shutdownOutput() throws IOException {
        wire.shutdownOutput();
    }

    @Override
    public void close() {
        wire.close();
    }

    @Override
    public void reset() {
        wire.reset();
    }

    @Override
    public boolean isOpen() {
        return wire.isOpen();
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
