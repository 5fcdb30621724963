package terpan.daemon;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.CommandResult;
import terpan.config.Loaded;
import terpan.config.Problem;
import terpan.config.Settings;
import terpan.log.Logs;
import terpan.worker.RunDirectory;
import terpan.worker.StartException;

/**
 * The applications that are served. There may be one, for which all settings are; or several, each with settings of its own, which come, change and
 * go apart from each other. Thread-safe; orders come one at a time.
 */
final class Applications {
    private static final Logger LOG = LoggerFactory.getLogger(Applications.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** How settings are read: all with all their mistakes, or each application with its own. */
    interface Reader {
        Loaded read(boolean apart);
    }

    /** Whether an application is to be led to what is said of it. */
    private interface Difference {
        boolean is(ServedApplication known, Loaded.Site site, FileTime changed);
    }

    private final Front front;
    private final Listeners listeners;
    private final RunDirectory directory;
    private final SiteWorkers.Surroundings around;
    private final Reader reader;
    private final RunningLogs logs;
    private final Function<ServedApplication.Parts, ServedApplication> assembled;

    /** What the settings above several applications were at first; guarded by this. */
    private Loaded.Ready first;

    /** What they are; guarded by this. */
    private Settings present;

    private int numbers; // guarded by this

    private final IncludedWatch includedWatch;

    /** In the order of the settings; changed with this as the lock. */
    private volatile List<ServedApplication> all = List.of();

    /** Those that end: their requests are answered still. Changed with this as the lock. */
    private volatile List<ServedApplication> leaving = List.of();

    Applications(
            Front front,
            Listeners listeners,
            RunDirectory directory,
            SiteWorkers.Surroundings around,
            Reader reader,
            Loaded.Ready first,
            RunningLogs logs,
            Function<ServedApplication.Parts, ServedApplication> assembled) {
        this.front = front;
        this.listeners = listeners;
        this.directory = directory;
        this.around = around;
        this.reader = reader;
        this.first = first;
        this.present = first.settings();
        this.includedWatch = new IncludedWatch(first.included(), this::follow);
        this.logs = logs;
        this.assembled = assembled;
    }

    /** Those that are served. */
    List<ServedApplication> all() {
        return all;
    }

    /** Those whose processes run: also those that end. */
    List<ServedApplication> running() {
        return Stream.concat(all.stream(), leaving.stream()).toList();
    }

    /** The application of this name. */
    Optional<ServedApplication> named(String name) {
        return all.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    /** Whether there are several, or may be. */
    boolean areSeveral() {
        return front.areSeveral();
    }

    /** The names of several; empty where there is one. */
    String names() {
        return String.join(", ", all.stream().map(ServedApplication::name).toList());
    }

    /**
     * Begins to start all workers.
     *
     * @param settings those that were read, with what was installed
     * @throws StartFailure pages of an application can not be read
     */
    synchronized void start(Settings settings) throws StartException, StartFailure {
        if (!first.several()) {
            add(new Start("", first, settings, Optional.empty()));
            return;
        }
        StartException last = null;
        for (Loaded.Site site : first.sites()) {
            try {
                add(start(site));
            } catch (StartException failed) {
                var _ = notBegun(site, failed.failure().message());
                last = failed;
            }
        }
        if (last != null && all.isEmpty()) {
            throw last;
        }
    }

    /** What an application is started with. */
    private record Start(String name, Loaded.Ready read, Settings settings, Optional<Path> file) {}

    private static Start start(Loaded.Site site) {
        Loaded.Ready ready = site.ready().orElseThrow();
        return new Start(site.name(), ready, ready.settings(), Optional.of(site.file()));
    }

    private ServedApplication add(Start start) throws StartException, StartFailure {
        boolean several = !start.name().isEmpty();
        Site site;
        try {
            site = new Site(start.name(), start.read().mounting(), start.settings(), front, directory);
        } catch (IOException unusable) {
            throw new StartFailure(ExitCode.CONFIGURATION, String.valueOf(unusable.getMessage()));
        }
        RunDirectory own = several ? directory.inside(++numbers) : directory;
        ServedApplication.Parts parts = new ServedApplication.Parts(
                start.name(),
                start.read(),
                start.settings(),
                site,
                several ? new Mounted(site) : new Whole(site),
                several ? () -> alone(start.name()) : () -> reader.read(false),
                own,
                around,
                start.file(),
                changedAt(start.file()));
        ServedApplication added = assembled.apply(parts);
        boolean begun = false;
        try {
            added.start();
            begun = true;
        } catch (OutOfMemoryError refused) {
            throw ThreadsRefused.of(refused);
        } finally {
            if (!begun) {
                added.closeDirectory();
            }
        }
        front.add(site); // not before: nobody could take it from its routes again
        var _ = added.workers().firstReady().thenRun(() -> front.serves(site));
        all = Stream.concat(all.stream(), Stream.of(added)).toList();
        if (several) {
            front.shareOut(present, settings());
        }
        return added;
    }

    /** Those of each application. */
    private List<Settings> settings() {
        return all.stream().map(one -> one.workers().reloads.settings()).toList();
    }

    private static FileTime changedAt(Optional<Path> file) {
        try {
            return file.isPresent() ? Files.getLastModifiedTime(file.get()) : FileTime.fromMillis(0);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    /** The settings anew, if those that run can be led there: what stays from start to stop is as it was. */
    private Loaded read(boolean apart) {
        Loaded loaded = reader.read(apart);
        if (!(loaded instanceof Loaded.Ready ready)) {
            return loaded;
        }
        List<Problem> problems = new ArrayList<>(ready.fixedSince(first));
        if (ready.several() != first.several()) {
            problems.add(Problem.together("whether there are several applications can not change while Terpan runs"));
        }
        return problems.isEmpty() ? ready : new Loaded.Faulty(problems);
    }

    /** One application of several, read anew with its own mistakes. */
    private Loaded alone(String name) {
        return switch (read(true)) {
            case Loaded.Faulty faulty -> faulty;
            case Loaded.Ready ready ->
                ready.sites().stream()
                        .filter(site -> site.name().equals(name))
                        .map(Loaded.Site::loaded)
                        .findFirst()
                        .orElseGet(() -> new Loaded.Faulty(List.of(
                                Problem.together("the application " + name + " is not in the settings any more"))));
        };
    }

    /** The only application: what all clients meet changes with it. */
    private final class Whole implements ClientSide {
        private final Site site;

        Whole(Site site) {
            this.site = site;
        }

        @Override
        public Prepared prepare(Loaded.Ready read, Runnable first) throws IOException, StartFailure {
            Site.Change own = site.prepare(read.mounting(), read.settings());
            AllClients rest = new AllClients(read, first);
            return new Prepared() {
                @Override
                public void takesOver() {
                    rest.change();
                    site.change(own);
                    rest.listen();
                }

                @Override
                public void makeWay() {
                    rest.makeWay();
                }

                @Override
                public void abandon() {
                    rest.abandon();
                }
            };
        }
    }

    /** What clients of all applications meet, made ready. */
    private final class AllClients {
        private final Front.Change change;
        private final Listeners.Change bound;
        private boolean over;

        AllClients(Loaded.Ready read, Runnable first) throws IOException, StartFailure {
            change = front.prepare(read.settings(), read.each());
            try {
                Logs.check(read.settings().log());
            } catch (IOException unusable) {
                change.abandon();
                throw unusable;
            }
            first.run();
            try {
                bound = listeners.prepare(read.settings().bind());
            } catch (StartFailure refused) {
                change.abandon();
                throw refused;
            }
        }

        void change() {
            front.change(change);
        }

        void listen() {
            if (listeners.become(bound)) {
                front.listen(bound);
            }
            logs.change(change.settings().log(), front);
            over = true;
        }

        void makeWay() {
            bound.abandon();
        }

        void abandon() {
            if (!over) {
                over = true;
                bound.abandon();
                change.abandon();
            }
        }
    }

    /** Reads one application anew, and begins to lead there; one that is new begins, one that is no more ends. May wait for a disk. */
    synchronized CommandResult reload(String name, boolean inPlace) {
        Loaded loaded = read(true);
        if (!(loaded instanceof Loaded.Ready ready)) {
            return refused(loaded.problems());
        }
        promise(ready);
        Optional<Loaded.Site> site =
                ready.sites().stream().filter(one -> one.name().equals(name)).findFirst();
        Optional<ServedApplication> known = named(name);
        if (site.isPresent()) {
            return known.isPresent() ? lead(known.get(), site.get(), inPlace) : begin(site.get());
        }
        if (known.isEmpty()) {
            return new CommandResult.NotFound("there is no application " + name + "; there is " + names());
        }
        return hiding(known.get(), ready)
                .map(hiding -> refused(hiding.loaded().problems()))
                .orElseGet(() -> end(known.get()));
    }

    /**
     * Reads all settings anew. The only application is led there. Of several those are that changed, begin those that are new, and end those that are
     * no more; where nothing of any has changed, all are led on, for their code may have.
     */
    synchronized CommandResult reload(boolean inPlace) {
        if (!first.several()) {
            return all.getFirst().workers().reloads.reload(inPlace);
        }
        Loaded loaded = read(false);
        if (!(loaded instanceof Loaded.Ready ready)) {
            return refused(loaded.problems());
        }
        boolean clients = !ready.settings().equals(present);
        AllClients prepared;
        try {
            prepared = new AllClients(ready, () -> {});
        } catch (IOException | StartFailure unusable) {
            return refused(List.of(Problem.together(String.valueOf(unusable.getMessage()))));
        }
        ready.warnings().forEach(warning -> LOG.atWarn().log(warning));
        prepared.change();
        prepared.listen();
        present = ready.settings();
        includedWatch.become(ready.included());
        List<CommandResult> results = change(ready, inPlace, ServedApplication::differs);
        if (results.isEmpty() && !clients) {
            ready.sites()
                    .forEach(site -> named(site.name()).ifPresent(known -> results.add(lead(known, site, inPlace))));
        }
        return results.isEmpty()
                ? new CommandResult.Accepted(
                        "the settings were read anew and are in effect; no application has changed")
                : around.orders().together(results);
    }

    /** Files have changed: each application that differs is reloaded, begun or ended, whatever mistakes others have. */
    synchronized void follow() {
        Loaded loaded = read(true);
        if (loaded instanceof Loaded.Ready ready) {
            change(ready, false, ServedApplication::differsFromLast)
                    .forEach(result -> LOG.atInfo()
                            .addKeyValue("result", result.message())
                            .log("an application's file has changed"));
        } else {
            var _ = refused(loaded.problems());
        }
    }

    /** Applications that differ from these settings, which have their mistakes for themselves. */
    private List<CommandResult> change(Loaded.Ready ready, boolean inPlace, Difference differs) {
        List<CommandResult> results = new ArrayList<>();
        promise(ready);
        List<ServedApplication> gone = all.stream()
                .filter(known ->
                        ready.sites().stream().noneMatch(site -> site.name().equals(known.name())))
                .filter(known -> hiding(known, ready).isEmpty())
                .toList();
        for (Loaded.Site site : ready.sites()) {
            Optional<ServedApplication> known = named(site.name());
            if (known.isEmpty()) {
                results.add(begin(site));
            } else if (differs.is(known.get(), site, changedAt(Optional.of(site.file())))) {
                results.add(lead(known.get(), site, inPlace));
            }
        }
        gone.forEach(known -> results.add(end(known))); // behind those that may have its routes from now on
        return results;
    }

    private void promise(Loaded.Ready ready) {
        front.promise(ready.sites().stream()
                .filter(site -> site.ready().isPresent())
                .collect(Collectors.toMap(Loaded.Site::name, Loaded.Site::routes)));
    }

    /** What has mistakes where it stood, and may be it under a name that could not be read: a mistake ends no application. */
    private Optional<Loaded.Site> hiding(ServedApplication known, Loaded.Ready ready) {
        return ready.sites().stream()
                .filter(site -> site.ready().isEmpty() && known.file().equals(Optional.of(site.file())))
                .filter(site -> site.alone() || named(site.name()).isEmpty())
                .findFirst();
    }

    private CommandResult refused(List<Problem> problems) {
        problems.forEach(
                problem -> LOG.atError().addKeyValue("problem", problem).log("reload refused"));
        return new CommandResult.Mistaken(
                String.join("\n", problems.stream().map(Problem::toString).toList()), Problem.kindOf(problems));
    }

    private CommandResult lead(ServedApplication known, Loaded.Site site, boolean inPlace) {
        boolean takesOrders =
                known.supervisor().filter(one -> one.ended().isDone()).isEmpty();
        if (!takesOrders && site.ready().isPresent()) {
            var _ = end(known);
            return begin(site);
        }
        known.ledTo(site, changedAt(Optional.of(site.file())));
        return known.workers().reloads.follow(site.loaded(), inPlace);
    }

    private CommandResult begin(Loaded.Site site) {
        if (site.ready().isEmpty()) {
            return refused(site.loaded().problems());
        }
        try {
            ServedApplication begun = add(start(site));
            LOG.atInfo().addKeyValue("application", site.name()).log("application begins");
            begun.watchFiles(Optional.empty());
            return around.orders().given(begun.workers().firstReady(), "the application " + site.name() + " begins");
        } catch (StartException failed) {
            return notBegun(site, failed.failure().message());
        } catch (StartFailure failed) {
            return notBegun(site, String.valueOf(failed.getMessage()));
        }
    }

    private static CommandResult notBegun(Loaded.Site site, String why) {
        LOG.atError()
                .addKeyValue("application", site.name())
                .addKeyValue("failure", why)
                .log("application could not be started; a reload of it tries again");
        return new CommandResult.Refused(why);
    }

    /** Takes no more requests for it; answers those that it has, then ends its workers. Does not wait for it. */
    private CommandResult end(ServedApplication known) {
        all = all.stream().filter(other -> other != known).toList();
        leaving = Stream.concat(leaving.stream(), Stream.of(known)).toList();
        LOG.atInfo().addKeyValue("application", known.name()).log("application ends");
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread.ofVirtual().name("terpan-end-" + known.name()).start(() -> {
            try {
                awaitHeirs(known);
                front.remove(known.site());
                front.awaitTold();
                known.end(LOOK_AGAIN);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } finally {
                forget(known);
                ended.complete(null);
            }
        });
        return around.orders().given(ended, "the application " + known.name() + " ends");
    }

    /** What is given to another is served until that one does, or can not be led there. */
    private void awaitHeirs(ServedApplication known) throws InterruptedException {
        while (front.hasForAnother(known.site()) && all.stream().anyMatch(Applications::comes)) {
            Thread.sleep(LOOK_AGAIN);
        }
    }

    /** Whether it may serve something that it does not serve yet. */
    private static boolean comes(ServedApplication one) {
        return one.workers().reloads.isUnderWay() || !one.workers().firstReady().isDone();
    }

    private synchronized void forget(ServedApplication known) {
        front.forget(known.site());
        leaving = leaving.stream().filter(other -> other != known).toList();
        front.shareOut(present, settings()); // what it may have had open, others may
    }

    /** Watches from now on what is to be watched besides the applications themselves: files of which each is an application. */
    Closeable watch() {
        includedWatch.begin();
        return includedWatch;
    }
}
