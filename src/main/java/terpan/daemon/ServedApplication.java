package terpan.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import terpan.admin.Health;
import terpan.config.Loaded;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.dispatch.DispatchSnapshot;
import terpan.picture.Activity;
import terpan.picture.Picture;
import terpan.sampler.Pictures;
import terpan.sampler.Sampler;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;
import terpan.worker.Supervisor;

/** One application that is served: its side of the request path, its workers, and what is seen of both. Thread-safe. */
final class ServedApplication {
    private static final Duration STOP_SPARE = Duration.ofSeconds(10);

    /**
     * What it is made of.
     *
     * @param name what it is called among several; empty: it is the only one
     * @param settings its own, with what was installed
     * @param reader reads them anew
     * @param directory where its sockets lie
     * @param file the one of several that it stands in
     * @param changed when that was changed last
     */
    record Parts(
            String name,
            Loaded.Ready read,
            Settings settings,
            Site site,
            ClientSide clients,
            Supplier<Loaded> reader,
            RunDirectory directory,
            SiteWorkers.Surroundings around,
            Optional<Path> file,
            FileTime changed) {}

    private final Parts parts;
    private final Supplier<Picture> pictures;
    private volatile @Nullable SiteWorkers workers;
    private volatile @Nullable HealthCheck healthCheck;
    private volatile @Nullable SourceWatch watch;
    private volatile Optional<Path> watchedSettings = Optional.empty();
    private volatile boolean mayWatch;
    private volatile boolean closed;
    private volatile Optional<Path> file;
    private volatile FileTime seen;
    private volatile Loaded.Ready led;

    /**
     * One that has not begun.
     *
     * @param pictures of one that has
     */
    ServedApplication(Parts parts, Function<ServedApplication, Pictures> pictures) {
        this.parts = parts;
        this.file = parts.file();
        this.seen = parts.changed();
        this.led = parts.read();
        this.pictures = new Sampler(pictures.apply(this));
    }

    /** Begins to start its workers. */
    void start() throws StartException {
        SiteWorkers begun = new SiteWorkers(
                parts.site(),
                parts.clients(),
                parts.read(),
                parts.settings(),
                parts.reader(),
                parts.directory(),
                parts.around(),
                !name().isEmpty(),
                pictures,
                this::serves);
        workers = begun;
        healthCheck = site().healthCheck(begun.supervisor.map(running -> running::execute), begun::whyNone);
    }

    /** What it is called among several; empty: it is the only one. */
    String name() {
        return parts.name();
    }

    Site site() {
        return parts.site();
    }

    SiteWorkers workers() {
        return Objects.requireNonNull(workers, "it has not begun");
    }

    /** As it is now, by itself. */
    Picture picture() {
        return pictures.get();
    }

    /** The same among several, with its figures of the last seconds. */
    Picture.Application pictured(Activity.Rates rates) {
        return new Picture.Application(
                name(),
                site().mount().routes().stream().map(Route::toString).toList(),
                picture().with(Activity.of(rates)));
    }

    Optional<Supervisor> supervisor() {
        SiteWorkers begun = workers;
        return begun == null ? Optional.empty() : begun.supervisor;
    }

    /** One word for how clients meet it. */
    String state(String otherwise) {
        return site().isUnderMaintenance() ? "maintenance" : site().dispatcher.paused() ? "paused" : otherwise;
    }

    /** The one of several that it stands in. */
    Optional<Path> file() {
        return file;
    }

    /** What this says from now on, good or bad, is what it was led to. */
    void ledTo(Loaded.Site site, FileTime changed) {
        seen = changed;
        site.ready().ifPresent(good -> {
            file = Optional.of(site.file());
            led = good;
        });
    }

    /** Whether its file has changed since it was led there last, or these settings are not those that it serves. */
    boolean differs(Loaded.Site now, FileTime changed) {
        return isSaved(now, changed)
                || now.ready().filter(good -> !serves(good)).isPresent();
    }

    /** The same where nobody asks for it: it is not led again to what was taken back, or is on its way. */
    boolean differsFromLast(Loaded.Site now, FileTime changed) {
        Loaded.Ready last = led;
        return isSaved(now, changed)
                || now.ready()
                        .filter(good -> !serves(good))
                        .filter(good -> !same(good.settings(), last.settings())
                                || !good.mounting().equals(last.mounting()))
                        .isPresent();
    }

    private boolean isSaved(Loaded.Site now, FileTime changed) {
        return now.alone() && !changed.equals(seen);
    }

    private boolean serves(Loaded.Ready now) {
        return same(now.settings(), workers().reloads.settings())
                && now.mounting().routes().equals(site().mount().routes());
    }

    private static boolean same(Settings one, Settings other) {
        return one.application().equals(other.application())
                && one.groups().equals(other.groups())
                && one.attach().equals(other.attach())
                && one.dispatch().equals(other.dispatch())
                && one.http().equals(other.http())
                && one.limits().equals(other.limits())
                && one.forwarding().equals(other.forwarding());
    }

    /** Whether its requests can be served now. */
    Health health() {
        return Objects.requireNonNull(healthCheck, "it has not begun").health();
    }

    /** What of the threads that it needs does not do what it is told: a sentence; empty: all of them do. */
    Optional<String> hangs() {
        return Objects.requireNonNull(healthCheck, "it has not begun").hangs();
    }

    /**
     * In development: what is saved is served, until it ends or other settings do not ask for it.
     *
     * @param settingsFile is watched too
     */
    void watchFiles(Optional<Path> settingsFile) {
        watchedSettings = settingsFile;
        mayWatch = true;
        followWish();
    }

    /** These settings are served from now on; never waits. */
    private void serves(Settings now) {
        if (mayWatch && wantsWatch(now) != (watch != null)) {
            // A reload that a watch began must not wait for that watch.
            Thread.ofVirtual().name("terpan-source-watch-change").start(this::followWish);
        }
    }

    private static boolean wantsWatch(Settings settings) {
        return settings.application().filter(Settings.Application::reload).isPresent();
    }

    /** Watches files, or does not any more, as the settings say that are served. */
    private synchronized void followWish() {
        Reloads reloads = workers().reloads;
        boolean wanted = !closed && wantsWatch(reloads.settings());
        SourceWatch present = watch;
        try {
            if (present != null && !wanted) {
                watch = null;
                present.close();
                if (!closed) {
                    LoggerFactory.getLogger(ServedApplication.class)
                            .atInfo()
                            .addKeyValue("application", name())
                            .log("files are not watched any more");
                }
            } else if (present == null && wanted) {
                watch = SourceWatch.start(
                        () -> watched(reloads.settings(), watchedSettings), () -> reloads.reload(false));
            }
        } catch (IOException | RuntimeException refused) {
            LoggerFactory.getLogger(ServedApplication.class)
                    .atWarn()
                    .addKeyValue("application", name())
                    .addKeyValue("reason", refused.getMessage())
                    .log("an application's files are not watched: what is saved needs a reload");
        }
    }

    /** Looks at its files and at attached workers no more, and removes what it has of the run directory, if that is its alone. */
    void close() {
        closed = true;
        followWish();
        workers().close();
        closeDirectory();
    }

    private static SourceWatch.Watched watched(Settings settings, Optional<Path> settingsFile) {
        Set<Path> folders = new LinkedHashSet<>();
        List<String> patterns = new ArrayList<>();
        settings.application().ifPresent(application -> {
            folders.add(application.target().directory());
            folders.add(application.chdir());
            patterns.addAll(application.watch());
        });
        return new SourceWatch.Watched(
                List.copyOf(folders), true, settingsFile.stream().toList(), patterns);
    }

    /** No request comes any more: waits until those that there are have been answered, for as long as they may take, and ends its workers. */
    void end(Duration lookAgain) throws InterruptedException {
        Duration drain = longest(Settings.Workers::drainTimeout);
        long until = System.nanoTime() + drain.toNanos();
        site().dispatcher.resume(System.nanoTime());
        while (System.nanoTime() < until && (isBusy() || site().isAsked())) {
            Thread.sleep(lookAgain);
        }
        site().dispatcher.close();
        // What goes on behind answers has what is left.
        Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
        supervisor().ifPresent(running -> await(running.stop(left, left), left));
        close();
    }

    private boolean isBusy() {
        DispatchSnapshot now = site().dispatcher.snapshot(System.nanoTime());
        return now.waiting() > 0 || now.inFlight() > 0;
    }

    /** Removes what it has of the run directory, if that is its alone. */
    void closeDirectory() {
        if (name().isEmpty()) {
            return;
        }
        try {
            parts.directory().close();
        } catch (IOException left) {
            LoggerFactory.getLogger(ServedApplication.class)
                    .atWarn()
                    .addKeyValue("reason", left.getMessage())
                    .log("an application's directory stays");
        }
    }

    /**
     * Waits until its supervisor has ended.
     *
     * @param tasks how long what goes on behind answers may take
     */
    void await(CompletableFuture<Void> ended, Duration tasks) {
        Duration most = longest(Settings.Workers::stopTimeout).plus(tasks).plus(STOP_SPARE);
        try {
            ended.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException hangs) {
            LoggerFactory.getLogger(ServedApplication.class)
                    .atError()
                    .setCause(hangs)
                    .log("the supervisor did not end in time; the guard ends the workers");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The longest of its groups' times. */
    Duration longest(Function<Settings.Workers, Duration> time) {
        SiteWorkers begun = workers;
        Settings present = begun == null ? parts.settings() : begun.reloads.settings();
        return present.groups().stream()
                .map(group -> time.apply(group.workers()))
                .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }
}
