package terpan.daemon;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.crypto.SecretKey;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Slot;
import terpan.edge.Application;
import terpan.edge.Edge;
import terpan.edge.EdgeSettings;
import terpan.edge.Maintenance;
import terpan.edge.Routes;
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
    private final boolean several;
    private final List<LoopLinks> links;
    private final HangWatch hangs;

    /** How clients meet it; changed with the front's lock held. */
    private volatile Routes.Mount mount;

    /**
     * What clients meet of it from one moment on.
     *
     * @param dispatch how its workers are chosen, and who waits for them
     */
    record Change(Settings.Dispatch dispatch, Routes.Mount mount) {}

    /**
     * An application without workers.
     *
     * @param name what it is called among several; empty: it is the only one
     * @param settings its own
     * @param stickyKey what cookies that name its workers are signed with
     * @throws IOException its pages can not be read; the message says why
     */
    Site(String name, Loaded.Mounting mounting, Settings settings, Front front, Optional<SecretKey> stickyKey)
            throws IOException {
        this.front = front;
        several = !name.isEmpty();
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
                settings.http().connectTimeout());
        hangs = new HangWatch(pool);
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
                        settings.dispatch(),
                        stickyKey,
                        "",
                        Optional.empty()));
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
        return new Change(
                settings.dispatch(),
                mount(
                        mounting,
                        present.changed(
                                several ? present.name() : title("", settings),
                                edgeSettings(settings),
                                ErrorPages.load(settings.http().errorPages()),
                                settings.http().stream())));
    }

    /** Other settings for requests that begin from now on; never waits. */
    void change(Change change) {
        dispatcher.change(change.dispatch());
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
