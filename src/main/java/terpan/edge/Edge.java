package terpan.edge;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.http.HttpDate;
import terpan.http.RequestParser;
import terpan.link.LinkTable;
import terpan.link.LoopLinks;
import terpan.log.AccessBuffer;
import terpan.loop.Acceptor;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.LoopMetrics;
import terpan.spool.SpoolSpace;

/**
 * The client side of one event loop: everything that its connections share. Belongs to the loop's thread, but for the
 * constructor. {@link #stop} ends it without resetting anyone.
 */
public final class Edge implements Acceptor.AcceptHandler {
    static final long IDLE_GRACE_NANOS = 1_000_000_000L;

    final Logger log = LoggerFactory.getLogger(Edge.class);
    final Loop loop;
    final Settings.Http limits;
    final Dispatcher dispatcher;
    final LoopLinks links;
    final SpoolSpace spoolSpace;
    final int memory;
    final Executor disk;
    final LoopMetrics metrics;
    final AccessRecord access;
    final InstantSource clock;
    final RequestParser parser;
    final HttpDate date = new HttpDate();
    final BufferPool buffers = new BufferPool();
    final RequestIds ids;
    final Origins origins;
    private final Set<ClientConnection> connections = new HashSet<>();
    private final Set<ProxyGreeting> greetings = new HashSet<>();
    private final List<Exchange> granted = new ArrayList<>();
    private boolean stopping;
    private boolean grantsAnnounced;
    private Runnable whenEmpty = () -> {};

    /** What the edges of all loops share. */
    public record Shared(
            Settings settings,
            Dispatcher dispatcher,
            LinkTable links,
            SpoolSpace spoolSpace,
            Executor disk,
            InstantSource clock) {}

    /**
     * @param access where settled requests are logged; empty: nowhere
     */
    public Edge(Loop loop, Shared shared, LoopMetrics metrics, java.util.Optional<AccessBuffer> access) {
        this.loop = loop;
        this.limits = shared.settings().http();
        this.dispatcher = shared.dispatcher();
        this.links = new LoopLinks(loop, shared.links());
        this.spoolSpace = shared.spoolSpace();
        this.memory = shared.settings().spool().memory();
        this.disk = shared.disk();
        this.metrics = metrics;
        this.clock = shared.clock();
        this.access = new AccessRecord(access);
        this.parser =
                new RequestParser(limits.targetMost(), limits.fieldMost(), limits.headMost(), limits.fieldsMost());
        this.ids = new RequestIds(loop.index(), clock.millis());
        this.origins = new Origins(limits.trustedProxies(), shared.settings().forwarding());
    }

    @Override
    public WireHandler accepted(Loop acceptedOn, Wire wire) {
        ClientConnection connection = new ClientConnection(this, wire);
        connections.add(connection);
        metrics.connectionOpened();
        connection.begin();
        return connection;
    }

    /** A connection on a listener that asks for the PROXY protocol. */
    public WireHandler acceptedBehindProxy(Wire wire) {
        ProxyGreeting greeting = new ProxyGreeting(this, wire);
        if (greeting.begin()) {
            greetings.add(greeting);
        }
        return greeting;
    }

    /** The greeting is over, well or badly. */
    void introduced(ProxyGreeting greeting) {
        greetings.remove(greeting);
    }

    /** This loop's links to the workers. */
    public LoopLinks links() {
        return links;
    }

    /** Whether kept connections are to be closed with their next answer. */
    boolean stopping() {
        return stopping;
    }

    void closed(ClientConnection connection) {
        if (connections.remove(connection)) {
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
            connection.stopSoon(deadline);
        }
        if (connections.isEmpty()) {
            whenEmpty = () -> {};
            empty.run();
        }
    }

    /** Cuts every connection that is left. */
    public void cutAll() {
        for (ClientConnection connection : List.copyOf(connections)) {
            connection.cut();
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
