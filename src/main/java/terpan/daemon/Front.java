package terpan.daemon;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.crypto.SecretKey;
import terpan.config.Bind;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.edge.Application;
import terpan.edge.ConnectionAdmission;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.RaisedObserver;
import terpan.edge.http1.ClientConnection;
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
    /** As it was at the start; what changes of it is made from this. */
    private final Application application;

    private final Settings.Tls tlsSettings;
    private final InstantSource clock;

    /** Made while the workers start, by the main thread; a reload changes what it does. */
    private volatile Optional<ListenerTls> tls = Optional.empty();

    private Optional<IOException> tlsFailure = Optional.empty();
    private final List<Acceptor> acceptors = new ArrayList<>();

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
                stickyKey);
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

    /** What clients meet from one moment on. */
    record Change(Settings settings, EdgeSettings edge, Application application, ListenerTls.Material tls) {}

    /**
     * Reads what other settings need.
     *
     * @throws IOException a file that they name can not be used; the message says which and why
     */
    Change prepare(Settings settings) throws IOException {
        return new Change(
                settings,
                new EdgeSettings(settings),
                application.changed(
                        settings.application().map(Settings.Application::name).orElse(""),
                        ErrorPages.load(settings.http().errorPages()),
                        settings.http().stream()),
                ListenerTls.read(settings.tls(), clock.instant()));
    }

    /** Other settings for requests that begin from now on; never waits. */
    void change(Change change) {
        dispatcher.change(change.settings().dispatch());
        bounds.change(
                change.settings().limits(), Descriptors.of(change.settings()).connections());
        tls.ifPresent(spoken -> spoken.change(change.settings().tls(), change.tls()));
        for (int i = 0; i < loops.size(); i++) {
            Edge edge = edges.get(i);
            loops.get(i).execute(() -> edge.change(change.edge(), change.application()));
        }
    }

    /** The certificates that clients are shown; none where no listener speaks TLS. */
    List<Picture.Certificate> certificates() {
        return tls.map(ListenerTls::certificates).orElse(List.of());
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
        tls.ifPresent(spoken -> repeat(first, CERTIFICATES_NANOS, () -> disk.execute(spoken::look)));
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

    /** Begins to accept clients on channels that were bound as the settings say, in the same order. */
    void accept(List<ServerSocketChannel> channels, List<Bind> binds) throws IOException, InterruptedException {
        if (tlsFailure.isPresent()) {
            throw tlsFailure.get();
        }
        NioLoop owner = loops.getFirst();
        List<IOException> failures = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        owner.execute(() -> {
            try {
                for (int i = 0; i < channels.size(); i++) {
                    Bind bind = binds.get(i);
                    ConnectionAdmission admission = new ConnectionAdmission(
                            edges,
                            bounds,
                            bind.proxyProtocol(),
                            tls.filter(spoken -> bind.tls()).map(spoken -> spoken.server),
                            ClientConnection::new);
                    acceptors.add(Acceptor.start(owner, loops, channels.get(i), admission));
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
        for (int i = 0; i < loops.size(); i++) {
            Edge edge = edges.get(i);
            loops.get(i).execute(() -> edge.stop(empty::countDown));
        }
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
        for (int i = 0; i < loops.size(); i++) {
            Edge edge = edges.get(i);
            loops.get(i).execute(() -> {
                try {
                    what.accept(edge);
                } finally {
                    done.countDown();
                }
            });
        }
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
            org.slf4j.LoggerFactory.getLogger(Front.class).error("an event loop hangs; it is given up");
        }
        for (NioLoop loop : loops) {
            loop.stop();
        }
        tls.ifPresent(ListenerTls::close);
        spool.close();
        disk.close();
    }
}
