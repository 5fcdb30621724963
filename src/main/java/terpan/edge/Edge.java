package terpan.edge;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.dispatch.Slot;
import terpan.http.HeadLimits;
import terpan.http.HttpDate;
import terpan.http.RequestParser;
import terpan.link.LoopLinks;
import terpan.log.AccessBuffer;
import terpan.log.Cut;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.Limit;
import terpan.metrics.LoopMetrics;
import terpan.spool.SpoolSpace;

/**
 * The client side of one event loop: everything that its connections share. Belongs to the loop's thread, but for the
 * constructor. {@link #stop} ends it without resetting anyone.
 */
public final class Edge {
    static final long IDLE_GRACE_NANOS = 1_000_000_000L;
    private static final long MEMORY_NANOS = 20_000_000L;
    private static final long ROOM_PAUSE_NANOS = 100_000_000L;

    /** One part in so many of the connections is closed at a time, to make room. */
    private static final int ROOM_SHARE = 50;

    final Logger log = LoggerFactory.getLogger(Edge.class);
    final Loop loop;
    final Settings.Http limits;
    final SpoolSpace spoolSpace;
    final Bounds bounds;
    final UnaryOperator<String> workerLines;
    final RaisedObserver raised;
    final boolean development;
    final Executor disk;
    final LoopMetrics metrics;
    final AccessRecord access;
    final InstantSource clock;
    final RequestParser parser;
    final HttpDate date = new HttpDate();
    final ClientLimits clientLimits;
    final BufferPool buffers;
    final RequestIds ids;
    final Origins origins;
    final Advice advice;

    /** The only one there is for now. */
    private final LoopApplication application;

    private final int memory;
    private final Set<ClientConnection> connections = new HashSet<>();
    private final Set<ProxyGreeting> greetings = new HashSet<>();
    private final Set<Runnable> memoryWaiters = new LinkedHashSet<>();
    private final Timer memoryTimer;
    private long roomMadeAt;
    private final List<Exchange> granted = new ArrayList<>();
    private boolean stopping;
    private boolean grantsAnnounced;
    private Runnable whenEmpty = () -> {};

    /**
     * What the edges of all loops share.
     *
     * @param workerLines the last lines that a worker of that name wrote, in development; else empty
     * @param raised is told of applications that raised
     */
    public record Shared(
            Settings settings,
            Application application,
            SpoolSpace spoolSpace,
            Executor disk,
            InstantSource clock,
            Bounds bounds,
            UnaryOperator<String> workerLines,
            RaisedObserver raised,
            Advice advice) {}

    /**
     * @param access where settled requests are logged; empty: nowhere
     */
    public Edge(Loop loop, Shared shared, LoopMetrics metrics, Optional<AccessBuffer> access) {
        this.loop = loop;
        this.limits = shared.settings().http();
        this.application = new LoopApplication(shared.application(), loop);
        this.spoolSpace = shared.spoolSpace();
        this.bounds = shared.bounds();
        this.buffers = bounds.memory.pool();
        this.advice = shared.advice();
        this.clientLimits = new ClientLimits(this);
        this.workerLines = shared.workerLines();
        this.raised = shared.raised();
        this.development = shared.settings()
                .application()
                .filter(Settings.Application::development)
                .isPresent();
        this.memoryTimer = loop.timer(this::memoryAgain);
        this.memory = shared.settings().spool().memory();
        this.disk = shared.disk();
        this.metrics = metrics;
        this.clock = shared.clock();
        this.access = new AccessRecord(access);
        this.parser = new RequestParser(new HeadLimits(
                limits.targetMost(),
                limits.fieldMost(),
                limits.headMost(),
                limits.fieldsMost(),
                limits.strictTargets()));
        this.ids = new RequestIds(loop.index(), clock.millis());
        this.origins = new Origins(limits.trustedProxies(), shared.settings().forwarding());
    }

    /** Takes in a new connection of this loop. */
    WireHandler accepted(Wire wire) {
        ClientConnection connection = new ClientConnection(this, wire);
        connections.add(connection);
        bounds.opened();
        metrics.connectionOpened();
        connection.begin();
        return connection;
    }

    /** A connection on a listener that asks for the PROXY protocol. */
    WireHandler acceptedBehindProxy(Wire wire) {
        ProxyGreeting greeting = new ProxyGreeting(this, wire);
        if (greeting.begin()) {
            greetings.add(greeting);
            bounds.opened();
        }
        return greeting;
    }

    /** The greeting is over, well or badly. */
    void introduced(ProxyGreeting greeting) {
        if (greetings.remove(greeting)) {
            bounds.closed();
        }
    }

    /** How much of an answer one client may have in memory. */
    int memoryForEach() {
        return bounds.memory.tight() ? Math.min(BufferPool.BYTES, memory) : memory;
    }

    /** Whether the buffers are full; then the action, which is always the same object, runs once they are not. */
    boolean memoryIsShort(Runnable again) {
        if (!bounds.memory.exhausted()) {
            return false;
        }
        if (memoryWaiters.add(again)) {
            metrics.limitReached(Limit.MEMORY);
        }
        if (!memoryTimer.isSet()) {
            memoryTimer.set(loop.now() + MEMORY_NANOS);
        }
        return true;
    }

    /** Whoever waited for memory with this action is not interested any more. */
    void waitsNoLonger(Runnable again) {
        if (!memoryWaiters.isEmpty()) {
            memoryWaiters.remove(again);
        }
    }

    private void memoryAgain() {
        if (bounds.memory.exhausted()) {
            memoryTimer.set(loop.now() + MEMORY_NANOS);
            return;
        }
        List<Runnable> due = List.copyOf(memoryWaiters);
        memoryWaiters.clear();
        for (Runnable again : due) {
            try {
                again.run();
            } catch (RuntimeException fault) {
                log.atError().setCause(fault).log("a connection that waited for memory failed");
            }
        }
    }

    /** Closes the longest idle connections, at least {@code least} if there are as many, but none that was in use just now. */
    void makeRoom(int least) {
        long now = loop.now();
        if (now - roomMadeAt < ROOM_PAUSE_NANOS) {
            return;
        }
        roomMadeAt = now;
        connections.stream()
                .filter(connection -> connection.idleSince() < now - IDLE_GRACE_NANOS)
                .sorted(Comparator.comparingLong(ClientConnection::idleSince))
                .limit(Math.max(least, connections.size() / ROOM_SHARE))
                .toList()
                .forEach(connection -> apart(connection, connection::closeIdle));
    }

    /** Whether some of an answer came from a worker of this slot after that time, of one that is not whole. */
    public boolean heardFrom(Slot slot, long after) {
        return connections.stream().anyMatch(connection -> connection.heardFrom(slot, after));
    }

    /** The application that a request is for. */
    LoopApplication application() {
        return application;
    }

    /** This loop's links to the workers. */
    public LoopLinks links() {
        return application.links;
    }

    /** Whether kept connections are to be closed with their next answer. */
    boolean stopping() {
        return stopping;
    }

    void closed(ClientConnection connection) {
        if (connections.remove(connection)) {
            bounds.closed();
            clientLimits.leave(connection.peer());
            metrics.connectionClosed();
        }
        if (stopping && connections.isEmpty()) {
            Runnable due = whenEmpty;
            whenEmpty = () -> {};
            due.run();
        }
    }

    /** Client connections open on this loop. */
    public int connections() {
        return connections.size();
    }

    /**
     * Stops without resetting anyone: kept connections get {@code Connection: close} with their next answer, idle ones have one
     * second to say something.
     *
     * @param empty runs when the last connection is closed
     */
    public void stop(Runnable empty) {
        stopping = true;
        whenEmpty = empty;
        long deadline = loop.now() + IDLE_GRACE_NANOS;
        List.copyOf(greetings).forEach(ProxyGreeting::close);
        for (ClientConnection connection : List.copyOf(connections)) {
            apart(connection, () -> connection.stopSoon(deadline));
        }
        if (connections.isEmpty()) {
            whenEmpty = () -> {};
            empty.run();
        }
    }

    /** Waits no longer for requests that are under way; how many of them were cut, or got a page that says so. */
    public int stopWaiting() {
        int[] cut = new int[1];
        for (ClientConnection connection : List.copyOf(connections)) {
            apart(connection, () -> cut[0] += connection.stopWaiting() ? 1 : 0);
        }
        return cut[0];
    }

    /** Cuts every connection that is left. */
    public void cutAll() {
        for (ClientConnection connection : List.copyOf(connections)) {
            apart(connection, () -> connection.cut(Cut.STOP));
        }
    }

    /** One connection that fails keeps nothing from the others. */
    private void apart(ClientConnection connection, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException fault) {
            log.atError().setCause(fault).log("a connection failed as many were ended");
            connection.onFault(fault);
        }
    }

    /** A grant that came on this loop's own thread waits for the tasks of the turn, so that grants do not nest. */
    void deliverLater(Exchange exchange) {
        granted.add(exchange);
        if (!grantsAnnounced) {
            grantsAnnounced = true;
            loop.execute(this::deliver);
        }
    }

    private void deliver() {
        grantsAnnounced = false;
        List<Exchange> due = List.copyOf(granted);
        granted.clear();
        for (Exchange exchange : due) {
            try {
                exchange.deliver();
            } catch (RuntimeException fault) {
                log.atError().setCause(fault).log("a granted request failed");
                exchange.fault();
            }
        }
    }
}
