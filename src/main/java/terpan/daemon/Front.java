package terpan.daemon;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.crypto.SecretKey;
import org.slf4j.LoggerFactory;
import terpan.config.Bind;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.edge.Application;
import terpan.edge.ConnectionAdmission;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Maintenance;
import terpan.edge.RaisedObserver;
import terpan.edge.limits.Advice;
import terpan.edge.limits.Bounds;
import terpan.edge.limits.BufferMemory;
import terpan.edge.pages.ErrorPages;
import terpan.link.LinkTable;
import terpan.link.LoopLinks;
import terpan.log.AccessLog;
import terpan.loop.Acceptor;
import terpan.loop.NioLoop;
import terpan.loop.Timer;
import terpan.metrics.Metrics;
import terpan.picture.Picture;
import terpan.pool.ExpectedWorkers;
import terpan.pool.Groups;
import terpan.pool.HangWatch;
import terpan.pool.LoopSide;
import terpan.pool.WorkerPool;
import terpan.spool.SpoolSpace;

/** The request path as one thing: loops, edges, dispatcher, table of links, spool. Started and stopped by {@link Serving}. */
final class Front {
    private static final int DISK_THREADS = 2;
    private static final long EXPIRE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** Between two looks at the files of certificates. */
    private static final long CERTIFICATES_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Duration EMPTY_WAIT = Duration.ofSeconds(5);

    final Dispatcher dispatcher;
    final LinkTable table = new LinkTable();
    final Groups groups;
    final Metrics metrics;
    final SpoolSpace spool;
    final DiskThreads disk;
    final Bounds bounds;
    final List<NioLoop> loops = new ArrayList<>();
    final List<Edge> edges = new ArrayList<>();
    final WorkerPool pool;
    /** As it is; what changes of it is made from this. Guarded by this. */
    private Application application;

    private final Settings.Tls tlsSettings;
    private final InstantSource clock;

    /** Made while the workers start, by the main thread; a reload changes what it does. */
    private volatile Optional<ListenerTls> tls = Optional.empty();

    private Optional<IOException> tlsFailure = Optional.empty();
    private final ClientProtocols protocols;
    private final List<Acceptor> acceptors = new ArrayList<>();
    /** Where listeners were that are no more; belongs to the first loop. */
    private final Set<SocketAddress> gone = new HashSet<>();

    /**
     * Makes the parts; nothing runs yet.
     *
     * @param workerLines the last lines that a worker of that name wrote, for pages in development
     * @param raised is told of applications that raised
     * @param stickyKey what cookies that name workers are signed with
     */
    Front(
            Settings settings,
            Optional<AccessLog> accessLog,
            InstantSource clock,
            UnaryOperator<String> workerLines,
            RaisedObserver raised,
            Optional<SecretKey> stickyKey)
            throws IOException {
        tlsSettings = settings.tls();
        this.clock = clock;
        dispatcher = new Dispatcher(
                settings.dispatch(), bound -> ThreadLocalRandom.current().nextInt(bound));
        metrics = new Metrics(settings.loops());
        protocols = new ClientProtocols(settings.loops());
        groups = Groups.of(settings, metrics);
        Settings.Spool spooling = settings.spool();
        spool = new SpoolSpace(spooling.directory(), spooling.memory(), spooling.most(), DISK_THREADS);
        disk = new DiskThreads(DISK_THREADS);
        Descriptors descriptors = Descriptors.of(settings);
        spool.onDiskMost(descriptors.spools());
        spool.answerMost(spooling.answerMost());
        bounds = new Bounds(
                settings.limits(),
                descriptors.connections(),
                new BufferMemory(settings.limits().memory(), spool));
        application = new Application(
                settings.application().map(Settings.Application::name).orElse(""),
                dispatcher,
                table,
                ErrorPages.load(settings.http().errorPages()),
                settings.http().stream(),
                settings.dispatch(),
                stickyKey,
                "",
                Optional.empty());
        Edge.Shared shared =
                new Edge.Shared(settings, application, spool, disk, clock, bounds, workerLines, raised, new Advice());
        for (int i = 0; i < settings.loops(); i++) {
            NioLoop loop = new NioLoop(i);
            loops.add(loop);
            edges.add(new Edge(loop, shared, metrics.loop(i), accessLog.map(AccessLog::buffer)));
        }
        pool = new WorkerPool(
                dispatcher,
                table,
                IntStream.range(0, loops.size())
                        .<LoopSide>mapToObj(i -> new EdgeSide(loops.get(i), edges.get(i)))
                        .toList(),
                groups,
                new ExpectedWorkers(
                        dispatcher,
                        settings.application().isPresent(),
                        !settings.attach().isEmpty()),
                metrics,
                settings.http().connectTimeout());
    }

    /** A loop with what it keeps of workers. */
    private record EdgeSide(NioLoop loop, Edge edge) implements LoopSide {
        @Override
        public LoopLinks links() {
            return edge.links();
        }

        @Override
        public boolean heardFrom(Slot slot, long after) {
            return edge.heardFrom(slot, after);
        }
    }

    /**
     * What clients meet from one moment on.
     *
     * @param firstTls TLS, where no listener has spoken it yet and one is to
     */
    record Change(
            Settings settings,
            EdgeSettings edge,
            Application application,
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
    Change prepare(Settings settings) throws IOException {
        return new Change(
                settings,
                new EdgeSettings(settings),
                application()
                        .changed(
                                settings.application()
                                        .map(Settings.Application::name)
                                        .orElse(""),
                                ErrorPages.load(settings.http().errorPages()),
                                settings.http().stream()),
                ListenerTls.read(settings.tls(), clock.instant()),
                tls.isPresent() ? Optional.empty() : ListenerTls.open(settings.tls(), clock.instant()));
    }

    private synchronized Application application() {
        return application;
    }

    /** Other settings for requests that begin from now on; never waits. */
    synchronized void change(Change change) {
        dispatcher.change(change.settings().dispatch());
        bounds.change(
                change.settings().limits(), Descriptors.of(change.settings()).connections());
        if (tls.isEmpty()) {
            tls = change.firstTls();
        } else {
            change.firstTls().ifPresent(ListenerTls::close);
        }
        tls.ifPresent(spoken -> spoken.change(change.settings().tls(), change.material()));
        // Work goes on, whatever is reloaded meanwhile.
        application = change.application().under(application.maintenance());
        Application changed = application;
        tell(edge -> edge.change(change.edge(), changed));
    }

    /** The certificates that clients are shown; none where no listener speaks TLS. */
    List<Picture.Certificate> certificates() {
        return tls.map(ListenerTls::certificates).orElse(List.of());
    }

    /** Every request is answered with this, until the next change: why what was saved does not run. Never waits. */
    synchronized void fault(String why) {
        application = application.faulty(why);
        tell(application);
    }

    /** The application is worked on from now on, or is not any more. Never waits. */
    synchronized void maintenance(Optional<Maintenance> work) {
        application = application.under(work);
        tell(application);
    }

    /** Whether it is worked on. */
    boolean isUnderMaintenance() {
        return application().maintenance().isPresent();
    }

    private void tell(Application changed) {
        tell(edge -> edge.change(changed));
    }

    /** A task for each edge, on its loop. */
    private void tell(Consumer<Edge> what) {
        edges.forEach(edge -> edge.loop.execute(() -> what.accept(edge)));
    }

    void start() {
        loops.forEach(NioLoop::start);
        try {
            tls = ListenerTls.open(tlsSettings, clock.instant());
        } catch (IOException unreadable) {
            tlsFailure = Optional.of(unreadable);
        }
        NioLoop first = loops.getFirst();
        SpareHeap heap = new SpareHeap();
        HangWatch hangs = new HangWatch(pool);
        repeat(first, EXPIRE_NANOS, () -> {
            dispatcher.expire(first.now());
            hangs.look(first.now());
        });
        repeat(first, CERTIFICATES_NANOS, () -> tls.ifPresent(spoken -> disk.execute(spoken::look)));
        repeat(first, SpareHeap.EVERY.toNanos(), () -> heap.giveBack(dispatcher.snapshot(first.now())));
    }

    /** Again and again on the loop, whatever becomes of it once. */
    static void repeat(NioLoop loop, long nanos, Runnable what) {
        Timer[] timer = new Timer[1];
        timer[0] = loop.timer(() -> {
            timer[0].set(loop.now() + nanos); // first: it comes again whatever becomes of it now
            what.run();
        });
        loop.execute(() -> timer[0].set(loop.now() + nanos));
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
        tell(edge -> edge.listenersGone(now.isEmpty() ? null : new Gone(now)));
    }

    /** Whether a connection's own address is that of a listener that is no more; one of every address is told by its port. */
    private record Gone(Set<SocketAddress> places) implements Predicate<SocketAddress> {
        @Override
        public boolean test(SocketAddress ours) {
            return places.contains(ours)
                    || (ours instanceof InetSocketAddress tcp
                            && places.stream()
                                    .anyMatch(place -> place instanceof InetSocketAddress any
                                            && any.getAddress().isAnyLocalAddress()
                                            && any.getPort() == tcp.getPort()));
        }
    }

    /**
     * Stops accepting, waits until every connection has had its answer and is closed, and at the end of that time waits no longer: who
     * has nothing of an answer is told so, the others are cut.
     *
     * @return how many requests were cut; negative: that is not known, for an event loop hangs
     */
    int drain(Duration most) throws InterruptedException {
        dispatcher.resume(System.nanoTime());
        CountDownLatch stopped = new CountDownLatch(1);
        loops.getFirst().execute(() -> {
            acceptors.forEach(Acceptor::stop);
            stopped.countDown();
        });
        boolean turns = stopped.await(EMPTY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        CountDownLatch empty = new CountDownLatch(loops.size());
        tell(edge -> edge.stop(empty::countDown));
        if (empty.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
            return 0;
        }
        dispatcher.close();
        AtomicInteger cut = new AtomicInteger();
        turns &= onEachLoop(edge -> cut.addAndGet(edge.stopWaiting()));
        return turns ? cut.get() : -1;
    }

    /** Whether all loops did it in time. */
    private boolean onEachLoop(Consumer<Edge> what) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(loops.size());
        tell(edge -> {
            try {
                what.accept(edge);
            } finally {
                done.countDown();
            }
        });
        return done.await(EMPTY_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Cuts what is left and ends the threads. */
    void close() throws InterruptedException {
        dispatcher.close();
        boolean turn = onEachLoop(edge -> {
            edge.cutAll();
            edge.links().closeAll();
        });
        if (!turn) {
            LoggerFactory.getLogger(Front.class).error("an event loop hangs; it is given up");
        }
        for (NioLoop loop : loops) {
            loop.stop();
        }
        tls.ifPresent(ListenerTls::close);
        spool.close();
        disk.close();
    }
}
