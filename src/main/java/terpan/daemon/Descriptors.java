package terpan.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import terpan.config.FileSettings;
import terpan.config.Settings;
import terpan.edge.files.OpenFiles;
import terpan.edge.limits.Bounds;
import terpan.edge.limits.HeapShares;
import terpan.spool.SpoolSpace;

/**
 * How the descriptors that the process may open are shared out: what listeners, logs, operators and workers need is set aside,
 * two thirds of the rest are for client connections, or fewer where the heap has no room for them, and what is left for bodies and answers that
 * go to files.
 *
 * @param connections most client connections
 * @param spools most bodies and answers with a file of their own
 * @param files most static files that are being sent, beside {@link OpenFiles#DESCRIPTORS}
 */
record Descriptors(int connections, int spools, int files) {
    /** Where the system does not tell. */
    private static final long USUAL = 10_240;

    private static final long MOST = 10_000_000;

    /** The jar, logs, selectors, listeners, the operators' socket and those who call there. */
    private static final long OWN = 128;

    /** A worker's control connection, its output, and connections to it beyond one for each request that it works on. */
    private static final long EACH_WORKER = 8;

    /** A look at an attached worker, beside its requests. */
    private static final long PROBE = 1;

    /** One part in so many of what is left is for files, however many connections are wanted. */
    private static final int SPOOLS_LEAST = 10;

    /** One part in so many of what is for files is for static ones, where there are any. */
    private static final int STATIC_PART = 4;

    /** What one that only starts has open at most: the jar and libraries, logs, selectors, pipes of what is being spawned. */
    private static final long OWN_LEAST = 48;

    private static final long EACH_WORKER_LEAST = 4;
    private static final int CLIENTS_LEAST = 16;
    /** Fewer connections than this are told of. */
    private static final int CLIENTS_FEW = 256;

    private static final Pattern LINE = Pattern.compile("Max open files +([0-9]+|unlimited) ");

    /**
     * Refuses a limit under which not even the start would succeed.
     *
     * @param all settings of each application
     * @throws StartFailure says what there is and what is needed
     */
    static void require(List<Settings> all) throws StartFailure {
        int workers = all.stream()
                .mapToInt(each -> Settings.mostWorkers(each.groups()))
                .sum();
        int attached = all.stream().mapToInt(each -> each.attach().size()).sum();
        require(workers, attached, limit());
    }

    static void require(int workers, int attached, long limit) throws StartFailure {
        long least = OWN_LEAST + workers * EACH_WORKER_LEAST + attached * 2L + CLIENTS_LEAST;
        if (limit < least) {
            throw new StartFailure(
                    ExitCode.CONFIGURATION,
                    "too few open files are allowed: " + limit + ", at least " + least + " are needed for " + workers
                            + " workers and " + CLIENTS_LEAST
                            + " clients; raise the hard limit, which Terpan takes by itself:"
                            + " ulimit -n 65536 as root, LimitNOFILE=65536 in a systemd unit, --ulimit nofile=65536 of a container");
        }
    }

    /**
     * Shares out by settings.
     *
     * @param all those of each application
     */
    static Descriptors of(Settings settings, List<Settings> all) {
        return of(settings, all, limit());
    }

    private static Descriptors of(Settings settings, List<Settings> all, long limit) {
        long attached = all.stream()
                .flatMap(each -> each.attach().stream())
                .mapToLong(worker -> worker.capacity() + PROBE)
                .sum();
        long started = all.stream()
                .flatMap(each -> each.groups().stream())
                .map(Settings.WorkerGroup::workers)
                .mapToLong(workers -> workers.most() * (EACH_WORKER + Math.max(1, workers.threads())))
                .sum();
        boolean sends = all.stream().anyMatch(each -> !each.files().equals(FileSettings.NONE));
        long aside = OWN + started + attached + (sends ? OpenFiles.DESCRIPTORS : 0);
        int asked = settings.limits().connections();
        int room = HeapShares.ofThisProcess().connections();
        Descriptors shares = of(limit, aside, asked, sends, room);
        if (asked == 0 && shares.connections() < CLIENTS_FEW) {
            LoggerFactory.getLogger(Descriptors.class)
                    .atWarn()
                    .addKeyValue("descriptors", limit)
                    .addKeyValue("connections", shares.connections())
                    .log(
                            "few connections can be open at once: raise the limit of open files (ulimit -n, LimitNOFILE=)");
        }
        if (shares.connections() < asked) {
            LoggerFactory.getLogger(Descriptors.class)
                    .atWarn()
                    .addKeyValue("limits.connections", asked)
                    .addKeyValue("descriptors", limit)
                    .addKeyValue("possible", shares.connections())
                    .log(
                            "fewer connections than asked for can be open: raise the limit of open files (LimitNOFILE, ulimit -n)");
        }
        if (shares.connections() > room) {
            LoggerFactory.getLogger(Descriptors.class)
                    .atWarn()
                    .addKeyValue("limits.connections", shares.connections())
                    .addKeyValue("room", room)
                    .log(
                            "more connections may be open than the heap has room for: allow this process more memory, or fewer connections");
        }
        return shares;
    }

    /** As many files as there may be, and as many connections to workers that are tunnels' own. */
    void forFiles(SpoolSpace spool, OpenFiles open, Bounds bounds) {
        spool.onDiskMost(spools);
        open.most(OpenFiles.DESCRIPTORS + files);
        bounds.tunnels().most(spools);
    }

    /**
     * Shares out.
     *
     * @param aside what workers and the front itself need; but half of the limit is for clients in any case
     * @param asked connections that somebody wants; 0: as many as fit
     * @param sends whether there are static files
     * @param room connections that the heap has room for; somebody who wants more has them
     */
    static Descriptors of(long limit, long aside, int asked, boolean sends, int room) {
        long rest = Math.max(limit / 2, limit - aside);
        int most = (int) (rest - rest / SPOOLS_LEAST);
        int connections = asked == 0 ? (int) Math.min(rest * 2 / 3, room) : Math.min(asked, most);
        int left = (int) (rest - connections);
        int files = sends ? left / STATIC_PART : 0;
        return new Descriptors(connections, left - files, files);
    }

    /** The limit of open files; the JVM has raised it to what is allowed. */
    static long limit() {
        Path limits = Path.of("/proc/self/limits");
        if (!Files.isReadable(limits)) {
            return USUAL;
        }
        try {
            Matcher line = LINE.matcher(Files.readString(limits));
            boolean told = line.find() && !line.group(1).equals("unlimited");
            return told ? Math.min(MOST, Long.parseLong(line.group(1))) : MOST;
        } catch (IOException unreadable) {
            return USUAL;
        }
    }
}
