package terpan.loop;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A loop without sockets in virtual time: turns are made by hand, bytes are put in and taken out of {@link PretendWire}s. */
public final class PretendLoop implements Loop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final List<PretendWire> wires = new ArrayList<>();
    private final List<PretendWire> connected = new ArrayList<>();
    private final TimerWheel wheel;
    private final int index;
    private long now = 1_000_000_000L;
    private long turn;
    private int quickInFlight;
    private boolean connectsHang;

    /** What a connect to an address yields: a wire, or an IOException that is thrown. */
    private Function<SocketAddress, IOException> connectFails = address -> null;

    public PretendLoop() {
        this(0);
    }

    public PretendLoop(int index) {
        this.index = index;
        this.wheel = new TimerWheel(now, fault -> {
            throw fault;
        });
    }

    /** A client connection; give it its handler with {@link PretendWire#handler}. */
    public PretendWire client(SocketAddress remote, SocketAddress local) {
        PretendWire wire = new PretendWire(this, Side.CLIENT, remote, local);
        wires.add(wire);
        return wire;
    }

    /** Every connection that was opened to a worker, in order. */
    public List<PretendWire> connected() {
        return connected;
    }

    /** From now on connects fail with what the function gives; null: they succeed. */
    public void connectFails(Function<SocketAddress, IOException> reason) {
        connectFails = reason;
    }

    /** Whether connects from now on come to no end, as to an address behind which there is nothing. */
    public void connectsHang(boolean hang) {
        connectsHang = hang;
    }

    /** One turn: receive from workers, from clients, tasks, timers, send to clients, to workers. */
    public void turn() {
        turn++;
        readable(Side.WORKER);
        readable(Side.CLIENT);
        for (int due = later.size(); due > 0; due--) {
            later.remove().run();
        }
        for (int pending = tasks.size(); pending > 0; pending--) {
            tasks.remove().run();
        }
        wheel.advance(now);
        flush(Side.CLIENT);
        flush(Side.WORKER);
    }

    /** Turns until nothing happens any more; fails after a thousand. */
    public void settle() {
        for (int turns = 0; turns < 1000; turns++) {
            turn();
            if (tasks.isEmpty() && later.isEmpty() && wires.stream().noneMatch(PretendWire::hasWork)) {
                return;
            }
        }
        throw new AssertionError("the loop does not come to rest");
    }

    /** Lets virtual time pass in steps of ten milliseconds. */
    public void pass(long milliseconds) {
        long end = now + milliseconds * 1_000_000L;
        while (now < end) {
            now = Math.min(end, now + 10_000_000L);
            settle();
        }
        now += 20_000_000L;
        settle();
    }

    private void readable(Side side) {
        for (PretendWire wire : List.copyOf(wires)) {
            if (wire.side == side && wire.readable()) {
                wire.handler.onReadable();
            }
        }
    }

    private void flush(Side side) {
        for (PretendWire wire : List.copyOf(wires)) {
            if (wire.side == side && wire.takeFlush()) {
                wire.handler.onFlush();
            }
        }
    }

    public int quick() {
        return quickInFlight;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void nextTurn(Runnable task) {
        later.add(task);
    }

    @Override
    public boolean inLoop() {
        return true;
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
    public Timer timer(Runnable action) {
        return wheel.timer(action);
    }

    @Override
    public Wire connect(SocketAddress address, WireHandler handler) throws IOException {
        IOException reason = connectFails.apply(address);
        if (reason != null) {
            throw reason;
        }
        PretendWire wire = new PretendWire(this, Side.WORKER, address, null);
        wire.handler(handler);
        wires.add(wire);
        connected.add(wire);
        if (!connectsHang) {
            execute(handler::onConnected);
        }
        return wire;
    }

    @Override
    public void inFlight(int change, boolean quick, boolean deep) {
        quickInFlight += quick ? change : 0;
    }

    @Override
    public long turnNumber() {
        return turn;
    }
}
