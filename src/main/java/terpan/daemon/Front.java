package terpan.daemon;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import terpan.config.Bind;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.edge.Application;
import terpan.edge.Challenges;
import terpan.edge.ConnectionAdmission;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.RaisedObserver;
import terpan.edge.Routes;
import terpan.edge.files.OpenFiles;
import terpan.edge.limits.Advice;
import terpan.edge.limits.Bounds;
import terpan.edge.limits.BufferMemory;
import terpan.edge.pages.ErrorPages;
import terpan.log.AccessLog;
import terpan.loop.Acceptor;
import terpan.loop.NioLoop;
import terpan.metrics.Metrics;
import terpan.spool.SpoolSpace;
import terpan.trace.TraceExport;

/** The request path as one thing: loops, edges, spool, listeners, and each application's {@link Site}. Started and stopped by {@link Serving}. */
final class Front implements RunningLogs.Loops {
    private static final int DISK_THREADS = 2;
    private static final long EXPIRE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** Between two looks at the files of certificates. */
    private static final long CERTIFICATES_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Duration EMPTY_WAIT = Duration.ofSeconds(5);

    final Metrics metrics;
    final TraceExport traces;
    final SpoolSpace spool;
    final DiskThreads disk;
    final Bounds bounds;
    final List<NioLoop> loops = new ArrayList<>();
    final List<Edge> edges = new ArrayList<>();
    final EachLoop each = new EachLoop(edges);
    private final OpenFiles files;
    private final Challenges challenges = new Challenges();

    /** Whether there are several applications, or may be. */
    private final boolean several;

    /** Has the requests that are no application's, where there are several; changed with this as the lock. */
    private volatile Application nobody;

    private final RouteHolders holders = new RouteHolders(); // guarded by this

    /** Changed with this as the lock. */
    private volatile List<Site> sites = List.of();

    /** Those that no request is for any more; changed with this as the lock. */
    private volatile List<Site> leaving = List.of();

    /** By which requests are judged before it is known whose they are; guarded by this. */
    private EdgeSettings edgeSettings;

    /** By which the files for bodies lie. */
    private volatile Settings.Spool spooling;

    private final Settings.Tls tlsSettings;
    private final InstantSource clock;

    /** Made while the workers start, by the main thread; a reload changes what it does. */
    private volatile Optional<ListenerTls> tls = Optional.empty();

    private Optional<IOException> tlsFailure = Optional.empty();
    private final ClientProtocols protocols;
    private final List<Acceptor> acceptors = new ArrayList<>();
    private volatile boolean handedOver;
    private volatile Duration stopDelay;

    /** Where listeners were that are no more; belongs to the first loop. */
    private final Set<SocketAddress> gone = new HashSet<>();

    /**
     * Makes the parts; nothing runs yet, and there is no application.
     *
     * @param several whether there are several applications
     * @param all settings of each, from which descriptors are shared out
     * @param workerLines the last lines that a worker of that name wrote, for pages in development
     * @param raised is told of applications that raised
     */
    Front(
            Settings settings,
            boolean several,
            List<Settings> all,
            Optional<AccessLog> accessLog,
            InstantSource clock,
            UnaryOperator<String> workerLines,
            RaisedObserver raised)
            throws IOException {
        this.several = several;
        tlsSettings = settings.tls();
        this.clock = clock;
        metrics = new Metrics(settings.loops());
        traces = new TraceExport(metrics.traces, Version.TEXT, clock, System::nanoTime, new SplittableRandom());
        traces.change(settings.traces());
        protocols = new ClientProtocols(settings.loops());
        spooling = settings.spool();
        spool = new SpoolSpace(SpoolSpace.Place.of(spooling), DISK_THREADS);
        disk = new DiskThreads(DISK_THREADS);
        Descriptors descriptors = Descriptors.of(settings, all);
        bounds = new Bounds(
                settings.limits(),
                descriptors.connections(),
                new BufferMemory(settings.limits().memory(), spool, settings.loops()));
        files = new OpenFiles(disk, clock);
        descriptors.forFiles(spool, files, bounds);
        for (int i = 0; i < settings.loops(); i++) {
            loops.add(new NioLoop(i));
        }
        nobody = RouteHolders.nobody(settings, loops, metrics);
        edgeSettings = new EdgeSettings(settings);
        stopDelay = settings.probes().stopDelay();
        Edge.Shared shared = new Edge.Shared(
                settings,
                Routes.only(nobody),
                spool,
                disk,
                clock,
                bounds,
                workerLines,
                raised,
                new Advice(),
                challenges,
                files,
                traces);
        for (NioLoop loop : loops) {
            edges.add(new Edge(loop, shared, metrics.loop(loop.index()), accessLog.map(AccessLog::buffer)));
        }
    }

    /**
     * Descriptors are shared out anew, for the applications are others; never waits.
     *
     * @param all settings of each
     */
    void shareOut(Settings settings, List<Settings> all) {
        Descriptors descriptors = Descriptors.of(settings, all);
        bounds.change(settings.limits(), descriptors.connections());
        descriptors.forFiles(spool, files, bounds);
    }

    /** Whether there are several applications, or may be. */
    boolean areSeveral() {
        return several;
    }

    /** The applications that there are. */
    List<Site> sites() {
        return sites;
    }

    /** Requests may be for another application from now on. Never waits. */
    synchronized void add(Site site) {
        sites = Stream.concat(sites.stream(), Stream.of(site)).toList();
        tell();
    }

    /** It has its first worker: what others had of its routes until now is its own. Never waits. */
    synchronized void serves(Site site) {
        site.serves();
        tell();
    }

    /** No request is for it any more; those that there are go on. Never waits. */
    synchronized void remove(Site site) {
        leaving = Stream.concat(leaving.stream(), Stream.of(site)).toList();
        sites = sites.stream().filter(other -> other != site).toList();
        tell();
    }

    /** It has no request any more, and no worker. Never waits. */
    synchronized void forget(Site site) {
        leaving = leaving.stream().filter(other -> other != site).toList();
        each.tell(edge -> site.closeLinks(edge.loop.index()));
    }

    /** Clients meet an application otherwise from now on. Never waits. */
    synchronized void remount(Site site, UnaryOperator<Routes.Mount> how) {
        site.mount(how.apply(site.mount()));
        tell();
    }

    /** These routes are given to applications, by their names, by the settings that were read last: whoever has one has it until the other serves it. */
    synchronized void promise(Map<String, List<Route>> routes) {
        holders.promise(routes);
    }

    /** Whether it has a route now that is given to another, which does not serve it yet. */
    synchronized boolean hasForAnother(Site site) {
        return holders.hasForAnother(
                site, sites.stream().filter(other -> other != site).toList());
    }

    /** Tells the loops of settings and applications as they are. */
    private void tell() {
        Routes routes = several
                ? Routes.of(nobody, holders.mounts(sites))
                : Routes.only(
                        sites.isEmpty() ? nobody : sites.getFirst().mount().application());
        EdgeSettings present = edgeSettings;
        each.tell(edge -> edge.change(present, routes));
    }

    /**
     * What clients meet of all applications from one moment on.
     *
     * @param all settings of each
     * @param firstTls TLS, where no listener has spoken it yet and one is to
     */
    record Change(
            Settings settings,
            List<Settings> all,
            EdgeSettings edge,
            SpoolSpace.Place spool,
            ErrorPages pages,
            ListenerTls.Material material,
            Optional<ListenerTls> firstTls) {
        /** It does not come to it: lets go of what was made for it. */
        void abandon() {
            firstTls.ifPresent(ListenerTls::close);
        }
    }

    /**
     * Reads what other settings need.
     *
     * @throws IOException a file that they name can not be used; the message says which and why
     */
    Change prepare(Settings settings, List<Settings> all) throws IOException {
        return new Change(
                settings,
                all,
                new EdgeSettings(settings),
                settings.spool().equals(spooling) ? spool.place() : SpoolSpace.Place.of(settings.spool()),
                ErrorPages.load(settings.http().errorPages()),
                ListenerTls.read(settings.tls(), clock.instant()),
                tls.isPresent() ? Optional.empty() : ListenerTls.open(settings.tls(), challenges, clock));
    }

    /** Other settings for requests that begin from now on, once the loops are told: with the next change of an application. Never waits. */
    synchronized void change(Change change) {
        shareOut(change.settings(), change.all());
        nobody = nobody.withPages(change.pages());
        if (tls.isEmpty()) {
            tls = change.firstTls();
        } else {
            change.firstTls().ifPresent(ListenerTls::close);
        }
        tls.ifPresent(spoken -> spoken.change(change.settings().tls(), change.material()));
        edgeSettings = change.edge();
        traces.change(change.settings().traces());
        stopDelay = change.settings().probes().stopDelay();
        spooling = change.settings().spool();
        spool.change(change.spool());
        if (several) {
            tell();
        }
    }

    @Override
    public void changeAccessLog(Optional<AccessLog> access, Runnable told) {
        AtomicInteger left = new AtomicInteger(edges.size());
        each.tell(edge -> {
            edge.changeAccessLog(access.map(AccessLog::buffer));
            if (left.decrementAndGet() == 0) {
                told.run();
            }
        });
    }

    /** How long it serves on once Terpan is to stop; whoever has its sockets now serves without a gap. */
    Duration stopDelay() {
        return handedOver ? Duration.ZERO : stopDelay;
    }

    /** It is not ready any more, but serves. */
    void leave() {
        each.tell(Edge::leave);
    }

    /** TLS of the listeners; empty where none speaks it. */
    Optional<ListenerTls> tls() {
        return tls;
    }

    void start() {
        loops.forEach(NioLoop::start);
        try {
            tls = ListenerTls.open(tlsSettings, challenges, clock);
        } catch (IOException unreadable) {
            tlsFailure = Optional.of(unreadable);
        }
        NioLoop first = loops.getFirst();
        SpareHeap heap = new SpareHeap();
        Repeated.on(first, EXPIRE_NANOS, () -> {
            sites.forEach(site -> site.look(first.now()));
            leaving.forEach(site -> site.look(first.now()));
        });
        Repeated.on(first, CERTIFICATES_NANOS, () -> files.look(first.now()));
        Repeated.on(first, CERTIFICATES_NANOS, () -> tls.ifPresent(spoken -> disk.execute(spoken::look)));
        Repeated.on(
                first,
                SpareHeap.EVERY.toNanos(),
                () -> heap.giveBack(sites.stream()
                        .map(site -> site.dispatcher.snapshot(first.now()))
                        .toList()));
    }

    /** Begins to accept clients. */
    void accept(List<Listeners.Listener> listeners) throws IOException, InterruptedException {
        if (tlsFailure.isPresent()) {
            throw tlsFailure.get();
        }
        List<IOException> failures = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        loops.getFirst().execute(() -> {
            try {
                for (Listeners.Listener listener : listeners) {
                    accept(listener);
                }
            } catch (IOException failed) {
                failures.add(failed);
            } finally {
                done.countDown();
            }
        });
        done.await();
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        tls.ifPresent(ListenerTls::begin);
    }

    private void accept(Listeners.Listener listener) throws IOException {
        acceptors.add(Acceptor.start(loops.getFirst(), loops, listener.channel(), admission(listener.bind())));
    }

    private ConnectionAdmission admission(Bind bind) {
        if (bind.tls() && tls.isEmpty()) {
            throw new IllegalStateException("TLS is asked for at " + bind.address() + ", and there is none");
        }
        return new ConnectionAdmission(
                edges,
                bounds,
                bind.proxyProtocol(),
                tls.filter(spoken -> bind.tls()).map(spoken -> spoken.server),
                protocols.of(bind));
    }

    /**
     * Listeners come and go: those that go take in what waits for them and close, and their connections are closed with their next answer.
     * Never waits.
     */
    void listen(Listeners.Change change) {
        loops.getFirst().execute(() -> {
            for (Listeners.Listener listener : change.added()) {
                try {
                    accept(listener);
                } catch (IOException refused) {
                    LoggerFactory.getLogger(Front.class)
                            .atError()
                            .setCause(refused)
                            .addKeyValue("listener", listener.bind().address())
                            .log("clients can not be accepted");
                }
            }
            for (Listeners.Listener listener : change.changed()) {
                acceptor(listener).ifPresent(acceptor -> acceptor.handler(admission(listener.bind())));
            }
            for (Listeners.Listener listener : change.leaving()) {
                acceptor(listener).ifPresent(acceptor -> {
                    acceptors.remove(acceptor);
                    acceptor.stop();
                });
            }
            // Behind what the acceptors have given to the loops.
            tellGone(change);
        });
    }

    private Optional<Acceptor> acceptor(Listeners.Listener listener) {
        return acceptors.stream()
                .filter(acceptor -> acceptor.isOn(listener.channel()))
                .findFirst();
    }

    private static List<SocketAddress> places(List<Listeners.Listener> listeners) {
        return listeners.stream()
                .flatMap(listener -> Optional.ofNullable(listener.place()).stream())
                .toList();
    }

    private void tellGone(Listeners.Change change) {
        gone.addAll(places(change.leaving()));
        gone.removeAll(places(change.all()));
        Set<SocketAddress> now = Set.copyOf(gone);
        each.tell(edge -> edge.listenersGone(now.isEmpty() ? null : new GoneListeners(now)));
    }

    /** Another process accepts on the same sockets: this one will leave them to it. */
    void handOver() {
        handedOver = true;
    }

    /**
     * Stops accepting, waits until every connection has had its answer and is closed, and at the end of that time waits no longer: who
     * has nothing of an answer is told so, the others are cut.
     *
     * @return how many requests were cut; negative: that is not known, for an event loop hangs
     */
    int drain(Duration most) throws InterruptedException {
        sites.forEach(site -> site.dispatcher.resume(System.nanoTime()));
        leaving.forEach(site -> site.dispatcher.resume(System.nanoTime()));
        CountDownLatch stopped = new CountDownLatch(1);
        loops.getFirst().execute(() -> {
            acceptors.forEach(handedOver ? Acceptor::leave : Acceptor::stop);
            stopped.countDown();
        });
        boolean turns = stopped.await(EMPTY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        CountDownLatch empty = new CountDownLatch(loops.size());
        each.tell(edge -> edge.stop(empty::countDown));
        if (empty.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
            return 0;
        }
        closeDispatchers();
        AtomicInteger cut = new AtomicInteger();
        turns &= each.did(edge -> cut.addAndGet(edge.stopWaiting()));
        return turns ? cut.get() : -1;
    }

    /** Waits until the loops know of all changes that there were; a loop that hangs is not waited for. */
    void awaitTold() throws InterruptedException {
        var _ = each.did(edge -> {});
    }

    /** Whether a client has a request for one of several applications; also where a loop does not say in time. */
    boolean isAsked(Site site) throws InterruptedException {
        AtomicBoolean asked = new AtomicBoolean();
        boolean told = each.did(edge -> {
            if (edge.isAsked(site.dispatcher)) {
                asked.set(true);
            }
        });
        return asked.get() || !told;
    }

    /** Who waits for a worker waits no longer. */
    void closeDispatchers() {
        sites.forEach(site -> site.dispatcher.close());
        leaving.forEach(site -> site.dispatcher.close());
    }

    /** Cuts what is left and ends the threads. */
    void close() throws InterruptedException {
        closeDispatchers();
        boolean turn = each.did(edge -> {
            edge.cutAll();
            sites.forEach(site -> site.closeLinks(edge.loop.index()));
            leaving.forEach(site -> site.closeLinks(edge.loop.index()));
        });
        if (!turn) {
            LoggerFactory.getLogger(Front.class).error("an event loop hangs; it is given up");
        }
        for (NioLoop loop : loops) {
            loop.stop();
        }
        tls.ifPresent(ListenerTls::close);
        traces.close();
        spool.close();
        disk.close();
    }
}
