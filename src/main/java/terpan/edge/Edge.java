package terpan.edge;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.edge.files.OpenFiles;
import terpan.edge.files.PartsFile;
import terpan.edge.limits.Advice;
import terpan.edge.limits.Bounds;
import terpan.edge.limits.ClientLimits;
import terpan.edge.origin.ProxyGreeting;
import terpan.edge.origin.RequestIds;
import terpan.http.HttpDate;
import terpan.log.AccessBuffer;
import terpan.log.Cut;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.LoopMetrics;
import terpan.picture.Connections;
import terpan.spool.Spool;
import terpan.spool.SpoolSpace;
import terpan.tls.LoopTls;
import terpan.tls.ServerTls;
import terpan.trace.TraceExport;

/**
 * The client side of one event loop: everything that its connections share. Belongs to the loop's thread, but for the
 * constructor. {@link #stop} ends it without resetting anyone.
 */
public final class Edge {
    /** What an idle connection has when Terpan stops, for one more request; nanoseconds. */
    public static final long IDLE_GRACE_NANOS = 1_000_000_000L;

    private static final long ROOM_PAUSE_NANOS = 100_000_000L;

    /** One part in so many of the connections is closed at a time, to make room. */
    private static final int ROOM_SHARE = 50;

    public final Logger log = LoggerFactory.getLogger(Edge.class);

    /** The event loop, whose thread all of this belongs to. */
    public final Loop loop;

    /** Files for what does not stay in memory. */
    public final SpoolSpace spoolSpace;

    /** What all loops together may take. */
    public final Bounds bounds;

    final UnaryOperator<String> workerLines;
    final RaisedObserver raised;

    /** Runs what may wait for a disk. */
    public final Executor disk;

    /** The loop's counters. */
    public final LoopMetrics metrics;

    final AccessRecord access;

    /** What compresses bodies. */
    final CodingBudget coding;

    /** The wall clock. */
    public final InstantSource clock;

    /** The value of Date, made once a second. */
    public final HttpDate date = new HttpDate();

    /** What one client may take. */
    public final ClientLimits clientLimits;

    /** The loop's buffers, which are counted. */
    public final BufferPool buffers;

    final RequestIds ids;
    final TraceExport traces;
    final Advice advice;

    /** What authorities are answered that ask whether a name is ours. */
    final Challenges challenges;

    /** Files that were answered a short while ago. */
    final OpenFiles files;

    /** Requests that are over, as far as anybody may want to see them. */
    final PastRequests past;

    /** What is told of those that were slow. */
    final SlowLog slow;

    private LoopServed served;
    private final Set<Client> clients = new HashSet<>();
    private final Set<ProxyGreeting> greetings = new HashSet<>();
    private final Set<TlsHandshake> handshakes = new HashSet<>();
    private final ScarceMemory memory;
    private long roomMadeAt;
    private final List<PlaceRequest> granted = new ArrayList<>();
    private boolean stopping;
    private boolean leaving;
    private @Nullable Predicate<SocketAddress> listenersGone;
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
            Routes routes,
            SpoolSpace spoolSpace,
            Executor disk,
            InstantSource clock,
            Bounds bounds,
            UnaryOperator<String> workerLines,
            RaisedObserver raised,
            Advice advice,
            Challenges challenges,
            OpenFiles files,
            TraceExport traces) {}

    /**
     * @param access where settled requests are logged; empty: nowhere
     */
    public Edge(Loop loop, Shared shared, LoopMetrics metrics, Optional<AccessBuffer> access) {
        this.loop = loop;
        this.coding = new CodingBudget(loop);
        this.served = LoopServed.of(new EdgeSettings(shared.settings()), shared.routes(), loop.index());
        this.spoolSpace = shared.spoolSpace();
        this.bounds = shared.bounds();
        this.buffers = bounds.memory().pool();
        this.advice = shared.advice();
        this.challenges = shared.challenges();
        this.files = shared.files();
        this.workerLines = shared.workerLines();
        this.raised = shared.raised();
        this.memory = new ScarceMemory(this, clients);
        this.disk = shared.disk();
        this.metrics = metrics;
        this.clientLimits = new ClientLimits(loop, bounds, advice, metrics);
        this.clock = shared.clock();
        this.traces = shared.traces();
        this.access = new AccessRecord(access);
        this.past = new PastRequests(clock, loop.now());
        this.slow = new SlowLog(this, loop.now());
        this.ids = new RequestIds(loop.index(), clock.millis(), traces.randomOfLoop());
    }

    /** The settings by which requests are judged whose first byte comes now. */
    public EdgeSettings settings() {
        return served.settings;
    }

    /**
     * Other settings and applications from now on; requests that have begun are judged by those they began with. A task of the loop.
     */
    public void change(EdgeSettings newer, Routes routes) {
        served = served.changed(newer, routes, loop.index());
        clientLimits.change();
    }

    /** It is to stop soon: not ready any more, but it serves. A task of the loop. */
    public void leave() {
        leaving = true;
    }

    boolean isReady() {
        return !leaving && !stopping && served.isReady(loop.now());
    }

    /** Settled requests are logged there from now on, or nowhere. A task of the loop. */
    public void changeAccessLog(Optional<AccessBuffer> buffer) {
        access.change(buffer);
    }

    /** Takes in a new connection of this loop. */
    public WireHandler accepted(Wire wire, ClientProtocol protocol) {
        Client client = protocol.connection(this, wire);
        clients.add(client);
        bounds.opened();
        metrics.connectionOpened();
        client.begin();
        return client;
    }

    /** The one is known to be the other from now on: its first bytes told what it speaks. The other begins, and counts in its place. */
    public void becomes(Client before, Client now) {
        clients.remove(before);
        clients.add(now);
        clientLimits.leave(before.addressKey());
        now.begin();
    }

    /** A connection on a listener that asks for the PROXY protocol. */
    WireHandler acceptedBehindProxy(Wire wire, Function<Wire, WireHandler> introduce) {
        ProxyGreeting greeting =
                new ProxyGreeting(loop, served.settings.origins, metrics, wire, introduce, this::introduced);
        if (greeting.begin(loop.now() + served.settings.limits.headTimeout().toNanos())) {
            greetings.add(greeting);
            bounds.opened();
        }
        return greeting;
    }

    /** The greeting is over, well or badly. */
    private void introduced(ProxyGreeting greeting) {
        if (greetings.remove(greeting)) {
            bounds.closed();
        }
    }

    /** What TLS needs of this loop. */
    LoopTls tls(ServerTls server) {
        return server.on(loop, buffers, metrics);
    }

    /** A connection on a listener that speaks TLS: it counts, and becomes a client once its handshake is done. */
    WireHandler acceptedOverTls(Wire wire, LoopTls tls, ClientProtocol protocol) {
        TlsHandshake handshake = new TlsHandshake(this, wire, protocol);
        handshakes.add(handshake);
        bounds.opened();
        return handshake.begin(tls);
    }

    /** The handshake is over, well or badly. */
    void shaken(TlsHandshake handshake) {
        handshakes.remove(handshake);
        bounds.closed();
        tellWhenEmpty();
    }

    /** How much of an answer one client may have in memory. */
    public int memoryForEach() {
        return bounds.memory().tight() ? Math.min(BufferPool.BYTES, served.settings.memory) : served.settings.memory;
    }

    /** Closes a file of an answer; not on the loop's thread, for that may wait for a disk. */
    public void closeFile(FileChannel file) {
        if (file instanceof PartsFile) {
            close(file); // it only lets go of what others close
        } else {
            disk.execute(() -> close(file));
        }
    }

    private void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException alreadyGone) {
            log.atDebug().setCause(alreadyGone).log("closing an answer's file failed");
        }
    }

    /** Whether the buffers are full; then the action, which is always the same object, runs once they are not. */
    public boolean memoryIsShort(Runnable again) {
        return memory.isShort(again);
    }

    /** Whoever waited for memory with this action is not interested any more. */
    public void waitsNoLonger(Runnable again) {
        memory.waitsNoLonger(again);
    }

    /** An answer waits for its client, or there was no memory for a request: as long as it is tight, it is looked who holds it. */
    public void looksForMemory() {
        memory.look();
    }

    /**
     * Whether more of an answer may come; when not, the action runs once it may.
     *
     * @param spool what holds that which waits; null: memory alone does
     * @param waiting bytes that wait in memory
     */
    public boolean mayAppend(@Nullable Spool spool, int waiting, Runnable again) {
        if (spool == null && waiting <= BufferPool.BYTES) {
            return true;
        }
        return !memoryIsShort(again) && (spool == null || spool.mayAppend());
    }

    /** Closes the longest idle connections, at least {@code least} if there are as many, but none that was in use just now. */
    void makeRoom(int least) {
        long now = loop.now();
        if (now - roomMadeAt < ROOM_PAUSE_NANOS) {
            return;
        }
        roomMadeAt = now;
        clients.stream()
                .filter(client -> client.idleSince() < now - IDLE_GRACE_NANOS)
                .sorted(Comparator.comparingLong(Client::idleSince))
                .limit(Math.max(least, clients.size() / ROOM_SHARE))
                .toList()
                .forEach(client -> apart(client, client::closeIdle));
        handshakes.stream()
                .filter(handshake -> handshake.began() < now - IDLE_GRACE_NANOS)
                .sorted(Comparator.comparingLong(TlsHandshake::began))
                .limit(Math.max(least, handshakes.size() / ROOM_SHARE))
                .toList()
                .forEach(TlsHandshake::makeRoom);
    }

    /** Whether some of an answer came from a worker of this slot after that time, of one that is not whole. */
    public boolean heardFrom(Slot slot, long after) {
        return clients.stream().anyMatch(client -> client.any(exchange -> exchange.heardFrom(slot, after)));
    }

    /** What its clients and their requests are at, and those that were slow or failed a short while ago. A task of the loop. */
    public OpenRequests.Seen look() {
        OpenRequests open = new OpenRequests(loop.now(), clock.millis());
        Connections.Counting connections = new Connections.Counting();
        connections.add(
                Connections.Protocol.UNKNOWN, Connections.State.HANDSHAKE, handshakes.size() + greetings.size());
        clients.forEach(client -> {
            connections.add(client.protocol(), client.state(), 1);
            client.any(exchange -> {
                open.add(exchange);
                return false;
            });
        });
        return open.with(past, connections.all());
    }

    /** Whether a client has a request for the application with this dispatcher, one of several. */
    public boolean isAsked(Dispatcher application) {
        return clients.stream().anyMatch(client -> client.any(exchange -> exchange.isFor(application)));
    }

    /** Bodies that are compressed now. */
    int bodiesCoded() {
        return coding.used();
    }

    /** What requests meet whose first byte comes now. */
    LoopServed served() {
        return served;
    }

    /** Whether this connection is to be closed with its next answer, for Terpan stops or its listener is no more. */
    public boolean leaves(Client client) {
        Predicate<SocketAddress> gone = listenersGone;
        return stopping || (gone != null && client.cameBy(gone));
    }

    /**
     * Some listeners are no more: their connections are closed with their next answer, idle ones have a second to say something. A task of the
     * loop.
     *
     * @param gone whether a listener with this address of ours is one of them; null: none is
     */
    public void listenersGone(@Nullable Predicate<SocketAddress> gone) {
        listenersGone = gone;
        if (gone == null) {
            return;
        }
        long deadline = loop.now() + IDLE_GRACE_NANOS;
        for (Client client : List.copyOf(clients)) {
            apart(client, () -> {
                if (client.cameBy(gone)) {
                    client.stopSoon(deadline);
                }
            });
        }
    }

    /** A client's connection is closed; more than once does no harm. */
    public void closed(Client client) {
        if (clients.remove(client)) {
            bounds.closed();
            clientLimits.leave(client.addressKey());
            metrics.connectionClosed();
        }
        tellWhenEmpty();
    }

    private void tellWhenEmpty() {
        if (stopping && clients.isEmpty() && handshakes.isEmpty()) {
            Runnable due = whenEmpty;
            whenEmpty = () -> {};
            due.run();
        }
    }

    /** Client connections open on this loop. */
    public int connections() {
        return clients.size();
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
        for (Client client : List.copyOf(clients)) {
            apart(client, () -> client.stopSoon(deadline));
        }
        handshakes.forEach(handshake -> handshake.hurry(deadline));
        tellWhenEmpty();
    }

    /** Waits no longer for requests that are under way; how many of them were cut, or got a page that says so. */
    public int stopWaiting() {
        List.copyOf(handshakes).forEach(TlsHandshake::close);
        int[] cut = new int[1];
        for (Client client : List.copyOf(clients)) {
            apart(client, () -> cut[0] += client.stopWaiting());
        }
        return cut[0];
    }

    /** Cuts every connection that is left. */
    public void cutAll() {
        List.copyOf(handshakes).forEach(TlsHandshake::close);
        for (Client client : List.copyOf(clients)) {
            apart(client, () -> client.cut(Cut.STOP));
        }
    }

    /** One connection that fails keeps nothing from the others. */
    void apart(Client client, Runnable what) {
        try {
            what.run();
        } catch (RuntimeException fault) {
            log.atError().setCause(fault).log("a connection failed as many were ended");
            client.onFault(fault);
        }
    }

    /** A grant that came on this loop's own thread waits for the tasks of the turn, so that grants do not nest. */
    void deliverLater(PlaceRequest request) {
        granted.add(request);
        if (!grantsAnnounced) {
            grantsAnnounced = true;
            loop.execute(this::deliver);
        }
    }

    private void deliver() {
        grantsAnnounced = false;
        List<PlaceRequest> due = List.copyOf(granted);
        granted.clear();
        for (PlaceRequest request : due) {
            try {
                request.deliver();
            } catch (RuntimeException fault) {
                log.atError().setCause(fault).log("a granted request failed");
                request.fault();
            }
        }
    }
}
