package terpan.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import terpan.loop.Loop;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/** A loop without sockets whose wires end at the test: bytes in, bytes out, turn by turn. */
final class PretendWorkerLoop implements Loop {
    final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    final List<End> wires = new ArrayList<>();
    Optional<IOException> refusal = Optional.empty();
    boolean connects = true;

    /** The newest wire. */
    End wire() {
        return wires.getLast();
    }

    /** Runs tasks and flushes until nothing is left to do. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
                busy = true;
            }
            for (End wire : List.copyOf(wires)) {
                if (wire.open && wire.flush) {
                    wire.flush = false;
                    wire.handler.onFlush();
                    busy = true;
                }
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inLoop() {
        return true;
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public long now() {
        return 0;
    }

    @Override
    public long turn() {
        return 0;
    }

    @Override
    public Timer timer(Runnable action) {
        throw new UnsupportedOperationException("no timers here");
    }

    @Override
    public Wire connect(SocketAddress address, WireHandler handler) throws IOException {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        End wire = new End(handler);
        wires.add(wire);
        if (connects) {
            execute(handler::onConnected);
        }
        return wire;
    }

    @Override
    public void quickInFlight(int change) {}

    /** One wire and its other end. */
    static final class End implements Wire {
        final WireHandler handler;
        private final ArrayDeque<byte[]> incoming = new ArrayDeque<>();
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        boolean open = true;
        boolean awaiting;
        private boolean flush;
        private boolean ended;
        int room = Integer.MAX_VALUE;
        boolean broken;

        End(WireHandler handler) {
            this.handler = handler;
        }

        /** The worker sends this; the link reads it at once. */
        void arrive(byte[] bytes) {
            incoming.add(bytes.clone());
            while (open && !incoming.isEmpty()) {
                handler.onReadable();
            }
        }

        void close(boolean byPeer) {
            ended = byPeer;
            handler.onReadable();
        }

        byte[] taken() {
            byte[] bytes = sent.toByteArray();
            sent.reset();
            return bytes;
        }

        @Override
        public int receive(byte[] into, int offset, int length) {
            byte[] next = incoming.poll();
            if (next == null) {
                return ended ? -1 : 0;
            }
            int count = Math.min(length, next.length);
            System.arraycopy(next, 0, into, offset, count);
            if (count < next.length) {
                incoming.addFirst(Arrays.copyOfRange(next, count, next.length));
            }
            return count;
        }

        @Override
        public int send(byte[] from, int offset, int length) throws IOException {
            if (broken) {
                throw new IOException("Broken pipe");
            }
            int count = Math.min(length, room);
            room -= count;
            sent.write(from, offset, count);
            return count;
        }

        @Override
        public long transferFrom(FileChannel file, long position, long length) {
            throw new UnsupportedOperationException("no files go to a worker");
        }

        @Override
        public void flushLater() {
            flush = true;
        }

        @Override
        public void reading(boolean wanted) {}

        @Override
        public void awaitWritable(boolean wanted) {
            awaiting = wanted;
        }

        @Override
        public void shutdownOutput() {}

        @Override
        public void close() {
            open = false;
        }

        @Override
        public void reset() {
            open = false;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return null;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }
    }
}
