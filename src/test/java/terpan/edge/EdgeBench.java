package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.edge.files.OpenFiles;
import terpan.edge.http1.ClientConnection;
import terpan.edge.limits.Advice;
import terpan.edge.limits.Bounds;
import terpan.edge.limits.BufferMemory;
import terpan.edge.pages.ErrorPages;
import terpan.link.Connections;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.LinkLimits;
import terpan.link.LinkTable;
import terpan.link.LoopLinks;
import terpan.link.WorkerEndpoint;
import terpan.loop.Loop;
import terpan.loop.PretendLoop;
import terpan.loop.PretendWire;
import terpan.loop.Timer;
import terpan.metrics.GroupMetrics;
import terpan.metrics.Metrics;
import terpan.spool.SpoolSpace;
import terpan.tls.LoopTls;
import terpan.trace.TraceExport;

/**
 * The whole request path without sockets: an edge, the real dispatcher and spool, HTTP links to pretend workers, in virtual time.
 * Disk work is done at once, on the caller's thread. {@link #close} asserts that everything that was lent came back.
 */
final class EdgeBench implements AutoCloseable {
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    static final LinkLimits USUAL = new LinkLimits(Duration.ofSeconds(5), 64 * 1024, 100, true, () -> CONNECT_TIMEOUT);

    final PretendLoop loop = new PretendLoop();
    final Metrics metrics = new Metrics(1);
    private final GroupMetrics workers = metrics.open("workers");
    final LinkTable table = new LinkTable();
    final LoopLinks links = new LoopLinks(loop, table);
    final Dispatcher dispatcher;
    final SpoolSpace spool;
    final Edge edge;
    final Bounds bounds;

    /** Requests as the workers of {@link #serve} got them. */
    final List<String> served = new ArrayList<>();

    /** The static files that are open. */
    final OpenFiles openFiles;

    final Challenges challenges = new Challenges();

    /** Keeps what it is told: it has no collector. */
    final TraceExport traces =
            new TraceExport(metrics.traces, "test", InstantSource.system(), System::nanoTime, new SplittableRandom(7));

    /** What runs disk work of files that are answers. */
    Executor disk = Runnable::run;

    private final List<PretendWire> clients = new ArrayList<>();
    private final Map<PretendWire, StringBuilder> unread = new LinkedHashMap<>();
    private final Timer expire;
    private final Application application;

    /** A worker's place: its slot, and whether its process is thought alive. */
    record Place(Slot slot, WorkerEndpoint point, AtomicBoolean alive) {}

    EdgeBench() {
        this(new EdgeLimits());
    }

    EdgeBench(EdgeLimits limits) {
        dispatcher = new Dispatcher(limits.dispatch(), bound -> 0);
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            spool = new SpoolSpace(
                    SpoolSpace.Place.of(new Settings.Spool(
                            directory, limits.spoolMemory, limits.spoolMost, limits.answerSpoolMost)),
                    2);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        spool.close();
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));
        Settings settings = limits.settings(directory);
        bounds = new Bounds(settings.limits(), limits.connections, new BufferMemory(limits.memory, spool, 1));
        application = new Application(
                "bench",
                dispatcher,
                List.of(links),
                metrics,
                Optional.empty(),
                pages(settings),
                settings.http().stream(),
                Optional.empty(),
                settings.dispatch(),
                limits.stickyKey.map(key -> StickyCookie.of("", key)),
                Application.Files.of(limits.files),
                "",
                Optional.empty());
        openFiles = new OpenFiles(task -> disk.execute(task), clock);
        Edge.Shared shared = new Edge.Shared(
                settings,
                Routes.only(application),
                spool,
                task -> disk.execute(task),
                clock,
                bounds,
                worker -> "",
                (told, worker, request, trace, method, target) -> told,
                new Advice(),
                challenges,
                openFiles,
                traces);
        edge = new Edge(loop, shared, metrics.loop(0), Optional.empty());
        expire = loop.timer(this::expireQueue);
        expire.set(loop.now());
    }

    /** Other settings for requests that have not begun. */
    void change(EdgeLimits limits) {
        Settings settings = limits.settings(Path.of(System.getProperty("java.io.tmpdir")));
        EdgeSettings changed = new EdgeSettings(settings);
        Application same = application.changed(
                application.name(),
                Optional.empty(),
                pages(settings),
                settings.http().stream(),
                application.rates(),
                settings.dispatch(),
                application.cookie(),
                Application.Files.of(settings.files()));
        loop.execute(() -> edge.change(changed, Routes.only(same)));
        loop.settle();
    }

    /** The application is one of several from now on: it has this host alone, and settings of its own. */
    void mount(EdgeLimits all, EdgeLimits own, String host) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        Settings its = own.settings(directory);
        Application mounted = application.changed(
                application.name(),
                Optional.of(new EdgeSettings(its)),
                pages(its),
                its.http().stream(),
                application.rates(),
                its.dispatch(),
                application.cookie(),
                Application.Files.of(its.files()));
        Routes routes = Routes.of(application, List.of(new Routes.Mount(mounted, List.of(Route.of(host)), false)));
        EdgeSettings changed = new EdgeSettings(all.settings(directory));
        loop.execute(() -> edge.change(changed, routes));
        loop.settle();
    }

    private static ErrorPages pages(Settings settings) {
        try {
            return ErrorPages.load(settings.http().errorPages());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void expireQueue() {
        dispatcher.expire(loop.now());
        expire.set(loop.now() + 100_000_000L);
    }

    /** A worker with the usual limits. */
    Place worker(int capacity) {
        return worker(capacity, USUAL);
    }

    Place worker(int capacity, LinkLimits limits) {
        SocketAddress address = InetSocketAddress.createUnresolved("worker", 1 + clients.size());
        Connections connections = new Connections(capacity);
        return worker(capacity, on -> new HttpLink(on, address, limits, connections));
    }

    /** A worker of that name, at a port of its own. */
    Place worker(String name, int capacity, int port) {
        SocketAddress address = InetSocketAddress.createUnresolved(name, port);
        Connections connections = new Connections(capacity);
        return worker(name, capacity, on -> new HttpLink(on, address, USUAL, connections));
    }

    /** A worker that is reached by whichever link is given. */
    Place worker(int capacity, Function<Loop, Link> link) {
        return worker("worker", capacity, link);
    }

    private Place worker(String name, int capacity, Function<Loop, Link> link) {
        AtomicBoolean alive = new AtomicBoolean(true);
        WorkerEndpoint point = new WorkerEndpoint() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Link open(Loop on) {
                return link.apply(on);
            }

            @Override
            public boolean alive() {
                return alive.get();
            }
        };
        Slot slot = dispatcher.add(new SlotSpec(name, workers, 1, capacity, capacity, false, SlotSpec.BUSY_WITH));
        table.put(slot.index(), point);
        dispatcher.ready(slot, loop.now());
        return new Place(slot, point, alive);
    }

    /** Takes a worker away, as when its process has ended. */
    void gone(Place place) {
        place.alive().set(false);
        dispatcher.remove(place.slot());
        table.remove(place.slot().index(), place.point());
        links.close(place.point());
        loop.settle();
    }

    PretendWire client() {
        return client(new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 8000));
    }

    PretendWire client(SocketAddress remote, SocketAddress local) {
        return client(remote, local, ClientConnection::new);
    }

    PretendWire client(SocketAddress remote, SocketAddress local, ClientProtocol protocol) {
        PretendWire wire = loop.client(remote, local);
        wire.handler(edge.accepted(wire, protocol));
        clients.add(wire);
        return wire;
    }

    /** A client whose handshake has not begun. */
    PretendWire client(LoopTls tls) {
        PretendWire wire =
                loop.client(new InetSocketAddress("192.0.2.7", 40_000), new InetSocketAddress("192.0.2.1", 443));
        wire.handler(edge.acceptedOverTls(wire, tls, ClientConnection::new));
        clients.add(wire);
        return wire;
    }

    /** A new client that sends a text; the loop comes to rest. */
    PretendWire client(String text) {
        PretendWire wire = client();
        send(wire, text);
        return wire;
    }

    void send(PretendWire wire, String text) {
        wire.peerSends(text);
        loop.settle();
    }

    /** What a client was sent since the last call. */
    String got(PretendWire wire) {
        loop.settle();
        return wire.sent();
    }

    /** The connection to a worker that was opened as the n-th. */
    PretendWire link(int number) {
        return loop.connected().get(number);
    }

    PretendWire lastLink() {
        return loop.connected().getLast();
    }

    int links() {
        return loop.connected().size();
    }

    /** Workers answer every request that is whole with the same bytes until nothing happens any more. */
    void serve(String answer) {
        serve(request -> answer);
    }

    void serve(Function<String, String> answers) {
        boolean more = true;
        while (more) {
            loop.settle();
            more = false;
            for (PretendWire wire : List.copyOf(loop.connected())) {
                StringBuilder text = unread.computeIfAbsent(wire, key -> new StringBuilder());
                text.append(wire.sent());
                int end = wholeRequest(text);
                if (end > 0) {
                    String request = text.substring(0, end);
                    text.delete(0, end);
                    served.add(request);
                    wire.peerSends(answers.apply(request));
                    more = true;
                }
            }
        }
    }

    private static int wholeRequest(StringBuilder text) {
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return -1;
        }
        int field = text.indexOf("Content-Length: ");
        int length = field < 0 || field > head
                ? 0
                : Integer.parseInt(text.substring(field + 16, text.indexOf("\r\n", field)));
        int end = head + 4 + length;
        return end <= text.length() ? end : -1;
    }

    void pass(Duration time) {
        loop.pass(time.toMillis());
    }

    DispatchSnapshot snapshot() {
        return dispatcher.snapshot(loop.now());
    }

    int inFlight() {
        return snapshot().inFlight();
    }

    /** Everybody leaves; then nothing may be held any more. */
    @Override
    public void close() {
        expire.cancel();
        loop.settle();
        clients.forEach(PretendWire::peerResets);
        loop.settle();
        edge.cutAll();
        loop.settle();
        links.closeAll();
        loop.settle();
        pass(Duration.ofSeconds(1));
        assertThat(edge.connections()).as("client connections open").isZero();
        assertThat(inFlight()).as("leases open").isZero();
        assertThat(snapshot().waiting()).as("requests waiting").isZero();
        assertThat(loop.quick()).as("quick requests in flight").isZero();
        assertThat(bounds.memory().held()).as("bytes in buffers").isZero();
        assertThat(edge.bodiesCoded()).as("encoders in use").isZero();
        assertThat(spool.bytesInMemory()).as("spooled in memory").isZero();
        assertThat(spool.bytesOnDisk()).as("spooled on disk").isZero();
        assertThat(spool.filesOpen()).as("spool files open").isZero();
        assertThat(loop.connected()).as("worker connections open").noneMatch(PretendWire::isOpen);
    }

    static String bytes(int count) {
        ByteArrayOutputStream made = new ByteArrayOutputStream(count);
        for (int i = 0; i < count; i++) {
            made.write('a' + (i * 31 + i / 251) % 26);
        }
        return made.toString(ISO_8859_1);
    }
}
