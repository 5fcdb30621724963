package terpan.daemon;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches an application's files in development: Python, templates, what patterns name, and the settings. What is saved in one go is told once,
 * when nothing more was saved for a moment. Owns a virtual thread until it is closed.
 */
final class SourceWatch implements AutoCloseable {
    /** A person's tool may save one file after the other: the last counts. */
    static final Duration QUIET = Duration.ofMillis(110);

    private static final Logger LOG = LoggerFactory.getLogger(SourceWatch.class);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int FOLDERS_MOST = 4_000;
    private static final Set<String> ENDINGS =
            Set.of("py", "html", "htm", "jinja", "jinja2", "j2", "mako", "txt", "xml");
    private static final Set<String> SKIPPED = Set.of("__pycache__", "node_modules", "site-packages", "venv", "env");

    /**
     * What is looked at.
     *
     * @param folders those that are looked at
     * @param below whether with all below them, but hidden folders, virtual environments and the like
     * @param files single files, wherever they lie
     * @param patterns globs of further files, against the path below a folder
     */
    record Watched(List<Path> folders, boolean below, List<Path> files, List<String> patterns) {}

    private final Supplier<Watched> what;
    private final Runnable changed;
    private final WatchService service;
    private final Map<WatchKey, Path> folders = new HashMap<>();
    private Watched watched = new Watched(List.of(), false, List.of(), List.of());
    private List<PathMatcher> matchers = List.of();
    private boolean tooMany;

    private SourceWatch(Supplier<Watched> what, Runnable changed, WatchService service) {
        this.what = what;
        this.changed = changed;
        this.service = service;
    }

    /**
     * Begins to watch.
     *
     * @param what asked again after each change, for settings may name other places by then
     * @param changed runs on the watch's thread; may wait
     * @throws IOException the system has no more watches
     */
    static SourceWatch start(Supplier<Watched> what, Runnable changed) throws IOException {
        SourceWatch watch =
                new SourceWatch(what, changed, FileSystems.getDefault().newWatchService());
        boolean begun = false;
        try {
            watch.follow();
            begun = true;
        } finally {
            if (!begun) {
                watch.close();
            }
        }
        Thread.ofVirtual().name("terpan-source-watch").start(watch::run);
        return watch;
    }

    private void run() {
        try {
            while (true) {
                if (takes(service.take())) {
                    awaitQuiet();
                    follow(changed);
                }
            }
        } catch (ClosedWatchServiceException closed) {
            // Terpan stops.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A fault in what is done then is no reason to look no more. */
    private void follow(Runnable told) {
        try {
            told.run();
            follow();
        } catch (ClosedWatchServiceException closed) {
            throw closed;
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).log("what was saved could not be followed");
        }
    }

    /** Waits until nothing more is saved. */
    private void awaitQuiet() throws InterruptedException {
        long latest = System.nanoTime() + LONGEST.toNanos();
        WatchKey more = service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        while (more != null && System.nanoTime() - latest < 0) {
            takes(more);
            more = service.poll(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        }
        if (more != null) {
            takes(more);
        }
    }

    /** Whether something that counts was changed. */
    private boolean takes(WatchKey key) {
        boolean counts = false;
        Path folder = folders.get(key);
        for (WatchEvent<?> event : key.pollEvents()) {
            if (folder == null || !(event.context() instanceof Path name)) {
                counts = true; // more happened than was kept
                continue;
            }
            Path file = folder.resolve(name);
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                if (!watched.below()) {
                    continue;
                }
                counts |= add(file); // what lies in it may have been there before it was looked at
            }
            counts |= counts(file);
        }
        if (!key.reset()) {
            folders.remove(key);
        }
        return counts;
    }

    private boolean counts(Path file) {
        if (watched.files().contains(file)) {
            return true;
        }
        String name = file.getFileName().toString();
        boolean inFolder = watched.folders().stream().anyMatch(file::startsWith);
        if (!inFolder || name.startsWith(".")) {
            return false;
        }
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1))
                || watched.folders().stream()
                        .filter(file::startsWith)
                        .map(folder -> folder.relativize(file))
                        .anyMatch(below -> matchers.stream().anyMatch(matcher -> matcher.matches(below)));
    }

    /** Looks at what is to be looked at now. */
    private void follow() {
        Watched now = what.get();
        if (now.equals(watched)) {
            return;
        }
        folders.keySet().forEach(WatchKey::cancel);
        folders.clear();
        watched = now;
        matchers = now.patterns().stream()
                .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern))
                .toList();
        now.folders().forEach(now.below() ? this::add : this::addOne);
        for (Path file : now.files()) {
            Path folder = file.getParent();
            if (folder != null && !folders.containsValue(folder)) {
                addOne(folder);
            }
        }
        LOG.atInfo()
                .addKeyValue("folders", now.folders())
                .addKeyValue("watched", folders.size())
                .log("files are watched: what is saved is served");
    }

    /** Begins to look at a folder with all below it; whether it holds files that count. */
    private boolean add(Path root) {
        boolean[] any = new boolean[1];
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    if (!folder.equals(root) && isSkipped(folder)) {
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    return addOne(folder) ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    any[0] |= counts(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("folder", root).log("a folder has gone while it was looked at");
        }
        return any[0];
    }

    private static boolean isSkipped(Path folder) {
        String name = folder.getFileName().toString();
        return name.startsWith(".") || SKIPPED.contains(name) || Files.exists(folder.resolve("pyvenv.cfg"));
    }

    /** False: there are too many. */
    private boolean addOne(Path folder) {
        if (folders.size() >= FOLDERS_MOST) {
            if (!tooMany) {
                tooMany = true;
                LOG.atWarn()
                        .addKeyValue("most", FOLDERS_MOST)
                        .log("too many folders to watch them all: what is saved in the others is not seen");
            }
            return false;
        }
        try {
            WatchKey key = folder.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            folders.put(key, folder);
        } catch (IOException refused) {
            LOG.atDebug()
                    .addKeyValue("folder", folder)
                    .addKeyValue("reason", refused.getMessage())
                    .log("a folder is not watched");
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
