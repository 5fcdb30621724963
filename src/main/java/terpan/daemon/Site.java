package terpan.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.LoggerFactory;
import terpan.coding.Encoders;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.edge.Application;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Maintenance;
import terpan.edge.Routes;
import terpan.edge.StickyCookie;
import terpan.edge.limits.RequestRates;
import terpan.edge.pages.ErrorPages;
import terpan.link.LinkTable;
import terpan.link.LoopLinks;
import terpan.loop.NioLoop;
import terpan.metrics.Metrics;
import terpan.pool.ExpectedWorkers;
import terpan.pool.Groups;
import terpan.pool.HangWatch;
import terpan.pool.LoopSide;
import terpan.pool.WorkerPool;
import terpan.worker.RunDirectory;

/**
 * One application on the request path: what is its alone of it, so that nothing that happens to it reaches another. Its workers are put into its
 * pool by {@link SiteWorkers}. Thread-safe.
 */
final class Site {
    final Dispatcher dispatcher;
    final Groups groups;
    final Metrics metrics;
    final WorkerPool pool;
    private final Front front;
    private final RunDirectory directory;
    private final boolean several;
    private final List<LoopLinks> links;
    private final HangWatch hangs;
    private volatile Duration connectTimeout;
    private volatile Duration tunnelDrain;
    private volatile boolean served;
    private volatile Settings.Limits limits;

    /** How clients meet it; changed with the front's lock held. */
    private volatile Routes.Mount mount;

    /**
     * What clients meet of it from one moment on.
     *
     * @param dispatch how its workers are chosen, and who waits for them
     */
    record Change(
            Settings.Dispatch dispatch,
            Duration connectTimeout,
            Duration tunnelDrain,
            Settings.Limits limits,
            Routes.Mount mount) {}

    /**
     * An application without workers.
     *
     * @param name what it is called among several; empty: it is the only one
     * @param settings its own
     * @param directory keeps what cookies that name its workers are signed with
     * @throws IOException its pages can not be read, or that can not be kept; the message says why
     */
    Site(String name, Loaded.Mounting mounting, Settings settings, Front front, RunDirectory directory)
            throws IOException {
        this.front = front;
        this.directory = directory;
        several = !name.isEmpty();
        connectTimeout = settings.http().connectTimeout();
        tunnelDrain = settings.http().tunnels().drain();
        limits = settings.limits();
        metrics = several ? new Metrics(front.loops.size()) : front.metrics;
        dispatcher = new Dispatcher(
                settings.dispatch(), bound -> ThreadLocalRandom.current().nextInt(bound));
        LinkTable table = new LinkTable();
        links = front.loops.stream().map(loop -> new LoopLinks(loop, table)).toList();
        groups = Groups.of(settings, metrics);
        pool = new WorkerPool(
                dispatcher,
                table,
                IntStream.range(0, links.size())
                        .<LoopSide>mapToObj(i -> new EdgeSide(front.loops.get(i), front.edges.get(i), links.get(i)))
                        .toList(),
                groups,
                new ExpectedWorkers(
                        dispatcher,
                        settings.application().isPresent(),
                        !settings.attach().isEmpty()),
                metrics,
                () -> connectTimeout,
                () -> tunnelDrain);
        hangs = new HangWatch(pool);
        loadCodings(settings);
        mount = mount(
                mounting,
                new Application(
                        title(name, settings),
                        dispatcher,
                        links,
                        metrics,
                        edgeSettings(settings),
                        ErrorPages.load(settings.http().errorPages()),
                        settings.http().stream(),
                        rates(settings),
                        settings.dispatch(),
                        cookie(name, settings.dispatch(), directory),
                        Application.Files.of(settings.files()),
                        "",
                        Optional.empty()));
    }

    /** What compresses its answers is loaded beside all else; until it is there, clients get what is. */
    private void loadCodings(Settings settings) {
        Set<Settings.Coding> codings = Set.copyOf(settings.http().compression().codings());
        if (!codings.isEmpty()) {
            front.disk.execute(() -> Encoders.load(
                    codings, why -> LoggerFactory.getLogger(Site.class).atWarn().log(why)));
        }
    }

    private static Routes.Mount mount(Loaded.Mounting mounting, Application application) {
        return new Routes.Mount(application, mounting.routes(), mounting.tells());
    }

    /** A loop with what it keeps of the workers. */
    private record EdgeSide(NioLoop loop, Edge edge, LoopLinks links) implements LoopSide {
        @Override
        public boolean heardFrom(Slot slot, long after) {
            return edge.heardFrom(slot, after);
        }
    }

    private static String title(String name, Settings settings) {
        return name.isEmpty()
                ? settings.application().map(Settings.Application::name).orElse("")
                : name;
    }

    /** Where it is the only one, its requests are judged by the settings of all. */
    private Optional<EdgeSettings> edgeSettings(Settings settings) {
        return several ? Optional.of(new EdgeSettings(settings)) : Optional.empty();
    }

    /** Of the only application it is those of all that count. */
    private Optional<RequestRates> rates(Settings settings) {
        return several ? RequestRates.of(settings.limits()) : Optional.empty();
    }

    /** What is counted already counts on where it is held to the same. */
    private Optional<RequestRates> ratesAnew(Settings settings) {
        boolean same = settings.limits().requestRate() == limits.requestRate()
                && settings.limits().requestBurst() == limits.requestBurst();
        return same ? application().rates() : rates(settings);
    }

    /** Whether it has had a worker that was ready. */
    boolean hasServed() {
        return served;
    }

    /** It has one; with the front's lock held. */
    void serves() {
        served = true;
    }

    Routes.Mount mount() {
        return mount;
    }

    /** With the front's lock held. */
    void mount(Routes.Mount now) {
        mount = now;
    }

    private Application application() {
        return mount.application();
    }

    /**
     * Reads what other settings need.
     *
     * @throws IOException a file that they name can not be used; the message says which and why
     */
    Change prepare(Loaded.Mounting mounting, Settings settings) throws IOException {
        Application present = application();
        loadCodings(settings);
        return new Change(
                settings.dispatch(),
                settings.http().connectTimeout(),
                settings.http().tunnels().drain(),
                settings.limits(),
                mount(
                        mounting,
                        present.changed(
                                several ? present.name() : title("", settings),
                                edgeSettings(settings),
                                ErrorPages.load(settings.http().errorPages()),
                                settings.http().stream(),
                                ratesAnew(settings),
                                settings.dispatch(),
                                cookie(several ? present.name() : "", settings.dispatch(), directory),
                                Application.Files.of(settings.files()))));
    }

    /** Its key lies in the run directory, so that clients of attached workers find theirs again after a restart. */
    private static Optional<StickyCookie> cookie(String name, Settings.Dispatch settings, RunDirectory directory)
            throws IOException {
        if (!settings.usesCookies()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StickyCookie.of(name, new SecretKeySpec(directory.stickySecret(), "HmacSHA256")));
        } catch (IOException unusable) {
            throw new IOException(
                    "the key that cookies are signed with can not be kept in " + directory.path() + ": "
                            + unusable.getMessage(),
                    unusable);
        }
    }

    /** Other settings for requests that begin from now on; never waits. */
    void change(Change change) {
        dispatcher.change(change.dispatch());
        connectTimeout = change.connectTimeout();
        tunnelDrain = change.tunnelDrain();
        limits = change.limits();
        // Work goes on, whatever is reloaded meanwhile.
        front.remount(
                this,
                before -> new Routes.Mount(
                        change.mount().application().under(before.application().maintenance()),
                        change.mount().routes(),
                        change.mount().tells()));
    }

    /** Every request is answered with this, until the next change: why what was saved does not run. Never waits. */
    void fault(String why) {
        front.remount(this, before -> with(before, before.application().faulty(why)));
    }

    /** The application is worked on from now on, or is not any more. Never waits. */
    void maintenance(Optional<Maintenance> work) {
        front.remount(this, before -> with(before, before.application().under(work)));
    }

    private static Routes.Mount with(Routes.Mount before, Application application) {
        return new Routes.Mount(application, before.routes(), before.tells());
    }

    /** Whether it is worked on. */
    boolean isUnderMaintenance() {
        return application().maintenance().isPresent();
    }

    /** Whether a client has a request for it, one of several: also one whose body comes still, or whose answer is being sent. */
    boolean isAsked() throws InterruptedException {
        return front.isAsked(this);
    }

    /** Runs what may wait for a disk. */
    Executor disk() {
        return front.disk;
    }

    /** Whether there is a place for its requests. */
    HealthCheck healthCheck(Optional<Executor> supervisor, Supplier<String> whyNone) {
        return new HealthCheck(dispatcher, front.loops, supervisor, whyNone, HealthCheck.ANSWER_MOST);
    }

    /** A few times a second, on the first loop. */
    void look(long now) {
        dispatcher.expire(now);
        hangs.look(now);
    }

    /** Closes what the loop of this number has to its workers; on that loop. */
    void closeLinks(int loop) {
        links.get(loop).closeAll();
    }
}
