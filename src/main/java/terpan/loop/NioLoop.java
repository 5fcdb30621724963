package terpan.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop on the JDK's own selector. Its thread owns every wire, timer and list here; only {@link #execute} and {@link
 * #stop} may come from elsewhere. A turn: select; receive from workers; receive from clients; tasks; timers; send to clients;
 * send to workers. Rejected: a foreign-function epoll loop (start-up time), frameworks (CPU a request).
 */
public final class NioLoop implements Loop {
    private static final Logger LOG = LoggerFactory.getLogger(NioLoop.class);
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Tasks of the turn that comes; the loop's own. */
    private List<Runnable> later = new ArrayList<>();

    private final int index;
    private final Selector selector;
    private final Thread thread;
    private final ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer sendBuffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final TaskQueue tasks = new TaskQueue();
    private final TimerWheel wheel;
    private final Coalescing coalescing = new Coalescing();
    private final WireList workersReady = new WireList();
    private final WireList clientsReady = new WireList();
    private WireList clientsToFlush = new WireList();
    private WireList workersToFlush = new WireList();
    private WireList spareList = new WireList();
    private final ClosingWires closing = new ClosingWires();
    private int events;
    private long now;
    private long turn;
    private final java.util.function.Consumer<SelectionKey> collector = this::collect;
    private volatile boolean stopping;

    /**
     * Makes a loop that is not running yet.
     *
     * @throws IOException when the system gives no selector
     */
    public NioLoop(int index) throws IOException {
        this.index = index;
        this.selector = Selector.open();
        this.now = System.nanoTime();
        this.wheel = new TimerWheel(
                now,
                fault ->
                        LOG.atError().addKeyValue("loop", index).setCause(fault).log("a timer failed"));
        this.thread = Thread.ofPlatform().name("terpan-io-" + index).unstarted(this::run);
    }

    /** Starts the loop's thread. */
    public void start() {
        thread.start();
    }

    /** Ends the loop after its current turn and waits for it, five seconds at most; every wire still open is closed. */
    public void stop() throws InterruptedException {
        stopping = true;
        selector.wakeup();
        if (thread.isAlive() && !thread.join(java.time.Duration.ofSeconds(5))) {
            LOG.atError().addKeyValue("loop", index).log("loop did not end");
        }
    }

    @Override
    public void nextTurn(Runnable task) {
        later.add(task);
    }

    /** What was left to this turn by the one before. */
    private void runLater() {
        if (later.isEmpty()) {
            return;
        }
        List<Runnable> due = later;
        later = new ArrayList<>();
        for (Runnable task : due) {
            try {
                task.run();
            } catch (RuntimeException fault) {
                LOG.atError().setCause(fault).log("a task of the loop failed");
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        if (tasks.add(task) && !inLoop()) {
            selector.wakeup();
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public long turnNumber() {
        return turn;
    }

    @Override
    public Timer timer(Runnable action) {
        return wheel.timer(action);
    }

    @Override
    public void inFlight(int change, boolean quick, boolean deep) {
        coalescing.inFlight(change, quick, deep);
    }

    @Override
    public Wire connect(SocketAddress address, WireHandler handler) throws IOException {
        return NioWire.connect(this, address, handler);
    }

    /** Takes an accepted connection for life. */
    void adopt(SocketChannel channel, Acceptor.AcceptHandler handler) {
        try {
            channel.configureBlocking(false);
            SocketAddress local = channel.getLocalAddress();
            SocketAddress remote = channel.getRemoteAddress();
            if (local instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            NioWire wire = new NioWire(this, channel, Side.CLIENT, UnsetHandler.INSTANCE, remote, local);
            wire.register(SelectionKey.OP_READ);
            wire.handler = handler.accepted(this, wire);
        } catch (IOException gone) {
            report("a client left while it was accepted", gone);
            close(channel);
        } catch (RuntimeException fault) {
            LOG.atError().addKeyValue("loop", index).setCause(fault).log("a connection failed as it was accepted");
            close(channel);
        } finally {
            handler.arrived();
        }
    }

    private void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException alreadyClosed) {
            report("closing a socket failed", alreadyClosed);
        }
    }

    Selector selector() {
        return selector;
    }

    ByteBuffer receiveBuffer() {
        return receiveBuffer;
    }

    ByteBuffer sendBuffer() {
        return sendBuffer;
    }

    void flushLater(NioWire wire) {
        (wire.side == Side.CLIENT ? clientsToFlush : workersToFlush).add(wire);
    }

    void closeLater(NioWire wire) {
        closing.add(wire);
    }

    void report(String what, IOException reason) {
        LOG.atDebug().addKeyValue("loop", index).setCause(reason).log(what);
    }

    /** Lets the selector forget channels that were closed. */
    void selectNow() {
        try {
            selector.selectNow(collector);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void run() {
        try {
            while (!stopping) {
                turn();
            }
        } catch (IOException broken) {
            throw new UncheckedIOException("the selector of event loop " + index + " failed", broken);
        } finally {
            closeAll();
        }
    }

    private void turn() throws IOException {
        coalescing.pause(events, now);
        events = 0;
        select();
        now = System.nanoTime();
        turn++;
        receive(workersReady);
        receive(clientsReady);
        runLater();
        tasks.run();
        wheel.advance(now);
        WireList clients = clientsToFlush;
        clientsToFlush = spareList;
        flush(clients);
        WireList workers = workersToFlush;
        workersToFlush = clients;
        flush(workers);
        spareList = workers;
    }

    private void select() throws IOException {
        boolean atOnce = tasks.waiting()
                || !later.isEmpty()
                || clientsToFlush.size > 0
                || workersToFlush.size > 0
                || closing.waiting();
        closing.onSelect();
        waitForEvents(atOnce);
        closing.onSelected();
    }

    private void waitForEvents(boolean atOnce) throws IOException {
        if (atOnce) {
            selector.selectNow(collector);
            return;
        }
        long wait = wheel.untilNext(System.nanoTime());
        if (wait < 0) {
            selector.select(collector);
        } else {
            selector.select(collector, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
        }
    }

    private void collect(SelectionKey key) {
        events++;
        if (!key.isValid()) {
            return; // closed by what came before it in this select
        }
        if (key.attachment() instanceof NioWire wire) {
            int ready = key.readyOps();
            if ((ready & SelectionKey.OP_READ) != 0) {
                (wire.side == Side.CLIENT ? clientsReady : workersReady).add(wire);
            }
            if ((ready & ~SelectionKey.OP_READ) != 0) {
                connectOrSend(wire, ready);
            }
        } else if (key.attachment() instanceof Acceptor acceptor) {
            acceptor.acceptReady();
        }
    }

    private void connectOrSend(NioWire wire, int ready) {
        try {
            wire.onReadyToConnectOrSend(ready);
        } catch (RuntimeException fault) {
            failed(wire, fault);
        }
    }

    private void receive(WireList ready) {
        for (int i = 0; i < ready.size; i++) {
            NioWire wire = ready.wires[i];
            if (wire.isOpen()) {
                try {
                    wire.handler.onReadable();
                } catch (RuntimeException fault) {
                    failed(wire, fault);
                }
            }
        }
        ready.clear();
    }

    private void flush(WireList list) {
        for (int i = 0; i < list.size; i++) {
            NioWire wire = list.wires[i];
            if (wire.takeFlush()) {
                try {
                    wire.handler.onFlush();
                } catch (RuntimeException fault) {
                    failed(wire, fault);
                }
            }
        }
        list.clear();
    }

    /** A broken invariant costs the one connection that it happened on, never the loop. */
    private void failed(NioWire wire, RuntimeException fault) {
        LOG.atError().addKeyValue("loop", index).setCause(fault).log("a connection failed");
        try {
            wire.handler.onFault(fault);
        } catch (RuntimeException again) {
            LOG.atError().addKeyValue("loop", index).setCause(again).log("ending a failed connection failed");
        } finally {
            wire.close();
        }
    }

    private void closeAll() {
        try {
            closing.onSelect();
            closing.onSelected();
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException failed) {
            report("closing the selector failed", failed);
        }
    }
}
