package terpan.loop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A socket of a {@link PretendLoop}: what the peer sends is put in, what is sent to the peer is taken out. */
public final class PretendWire implements Wire {
    private final PretendLoop loop;
    final Loop.Side side;
    private final @Nullable SocketAddress remote;
    private final @Nullable SocketAddress local;
    private byte[] incoming = new byte[0];
    private final ByteArrayOutputStream outgoing = new ByteArrayOutputStream();
    private boolean endOfInput;
    private boolean reset;
    private boolean reading = true;
    private boolean awaiting;
    private boolean flushPending;
    private boolean open = true;
    private boolean held;
    private Runnable duringTransfer = () -> {};
    private boolean outputShut;
    private boolean wasReset;
    private int room = Integer.MAX_VALUE;
    private int writableFrom = 1;
    private boolean keeps;
    WireHandler handler;

    PretendWire(PretendLoop loop, Loop.Side side, @Nullable SocketAddress remote, @Nullable SocketAddress local) {
        this.loop = loop;
        this.side = side;
        this.remote = remote;
        this.local = local;
    }

    public void handler(WireHandler newHandler) {
        handler = newHandler;
    }

    /** The peer sends bytes (latin-1 text). */
    public void peerSends(String text) {
        peerSends(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void peerSends(byte[] bytes) {
        byte[] more = java.util.Arrays.copyOf(incoming, incoming.length + bytes.length);
        System.arraycopy(bytes, 0, more, incoming.length, bytes.length);
        incoming = more;
    }

    public void peerShutsOutput() {
        endOfInput = true;
    }

    public void peerResets() {
        reset = true;
    }

    /** How many more bytes the peer takes before the socket is full. */
    public void peerTakes(int bytes) {
        room = bytes;
    }

    /** Takes all that is sent, as TLS does, and says that it has it as long as the peer takes nothing. */
    public void keepsWhatPeerDoesNotTake() {
        keeps = true;
    }

    /** The socket says that it takes bytes once there is room for so many; it takes fewer without saying so. */
    public void writableFrom(int bytes) {
        writableFrom = bytes;
    }

    /** What happens on the loop while the next transfer from a file is under way. */
    public void duringTransfer(Runnable meanwhile) {
        duringTransfer = meanwhile;
    }

    /** What was sent to the peer since the last call, as latin-1 text. */
    public String sent() {
        return new String(sentBytes(), StandardCharsets.ISO_8859_1);
    }

    public byte[] sentBytes() {
        byte[] bytes = outgoing.toByteArray();
        outgoing.reset();
        return bytes;
    }

    public boolean isReading() {
        return reading;
    }

    public boolean outputShut() {
        return outputShut;
    }

    public boolean wasReset() {
        return wasReset;
    }

    boolean readable() {
        return open && reading && (incoming.length > 0 || endOfInput || reset);
    }

    boolean hasWork() {
        return open && (flushPending || (awaiting && room >= writableFrom) || (reading && incoming.length > 0));
    }

    boolean takeFlush() {
        boolean due = open && (flushPending || (awaiting && room >= writableFrom));
        flushPending = false;
        return due;
    }

    @Override
    public int receive(byte[] into, int offset, int length) throws IOException {
        if (reset) {
            throw new IOException("Connection reset by peer");
        }
        if (incoming.length == 0) {
            return endOfInput ? -1 : 0;
        }
        int taken = Math.min(length, incoming.length);
        System.arraycopy(incoming, 0, into, offset, taken);
        incoming = java.util.Arrays.copyOfRange(incoming, taken, incoming.length);
        return taken;
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        if (reset || outputShut) {
            throw new IOException("Broken pipe");
        }
        int taken = keeps ? length : Math.min(room, length);
        room -= Math.min(room, taken);
        outgoing.write(from, offset, taken);
        return taken;
    }

    @Override
    public long transferFrom(FileChannel file, long position, long length) throws IOException {
        Runnable meanwhile = duringTransfer;
        duringTransfer = () -> {};
        meanwhile.run();
        int wanted = (int) Math.min(room, Math.min(length, 1 << 20));
        ByteBuffer buffer = ByteBuffer.allocate(wanted);
        int read = file.read(buffer, position);
        return read <= 0 ? 0 : send(buffer.array(), 0, read);
    }

    @Override
    public void hold() {
        held = true;
    }

    @Override
    public void letGo() {
        held = false;
    }

    /** Whether its socket is closed: not as long as another thread uses it. */
    public boolean socketClosed() {
        return !open && !held;
    }

    @Override
    public void flushLater() {
        flushPending = true;
    }

    @Override
    public void reading(boolean wanted) {
        reading = wanted;
    }

    @Override
    public void awaitWritable(boolean wanted) {
        awaiting = wanted;
    }

    @Override
    public boolean sentAll() {
        boolean all = !keeps || room > 0;
        awaiting = !all;
        return all;
    }

    @Override
    public void shutdownOutput() {
        outputShut = true;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public void reset() {
        wasReset = open;
        open = false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return local;
    }

    @Override
    public String toString() {
        return side + " wire of loop " + loop.index();
    }
}
