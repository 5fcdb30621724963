package terpan.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Every number that is counted: one {@link LoopMetrics} an event loop, one {@link GroupMetrics} a group of workers, and here what other
 * threads count. Nothing of the
 * Prometheus client is loaded before the first scrape.
 */
public final class Metrics {
    /** Labels of the dispatcher's refusals, in the order of its enum. */
    static final List<String> REJECTIONS = List.of("queue-full", "wait-too-long", "no-worker", "draining");

    /** Why clients lose a connection of HTTP/2: a breach of its rules, or a flood, these in the order of their enum. */
    static final List<String> HTTP2_FAILURES = List.of(
            "breach",
            "resets",
            "resets-caused",
            "continuations",
            "empty-frames",
            "settings",
            "pings",
            "priorities",
            "window-updates",
            "unknown-frames");

    /** Labels of the link's failures, in the order of its enum. */
    static final List<String> FAILURES = List.of(
            "not-connected",
            "connect-timed-out",
            "kept-connection-closed",
            "closed-before-answer",
            "nonsense",
            "broken-off",
            "head-too-large");

    private static final int WORKER_SERIES_MOST = 4_096;

    /** What is counted of traces. */
    public final TraceCounts traces = new TraceCounts();

    private final List<LoopMetrics> loops;
    private final Map<WorkerEvent, LongAdder> restarts = new ConcurrentHashMap<>();
    private final Map<WorkerEvent, LongAdder> ejections = new ConcurrentHashMap<>();
    private final Map<WorkerEvent, LongAdder> probes = new ConcurrentHashMap<>();
    private final Map<WorkerEvent, LongAdder> lookups = new ConcurrentHashMap<>();
    private final AtomicInteger tunnelPlaces = new AtomicInteger();

    /** How many use each of {@link #groups}; guarded by this. */
    private final Map<GroupMetrics, Integer> users = new HashMap<>();

    private volatile List<GroupMetrics> groups = List.of();

    /** Something that happens to a worker seldom, with a word about it. */
    record WorkerEvent(String group, String worker, String word) {}

    /**
     * Makes the counters.
     *
     * @param loops how many event loops there are, at least 1
     */
    public Metrics(int loops) {
        this.loops =
                IntStream.range(0, loops).mapToObj(index -> new LoopMetrics()).toList();
    }

    /**
     * What is counted of a group of workers of this name: from zero, or on from what others of that name have who use it still. To be
     * given back with {@link #close}.
     */
    public synchronized GroupMetrics open(String name) {
        for (GroupMetrics known : groups) {
            if (known.name().equals(name)) {
                users.merge(known, 1, Integer::sum);
                return known;
            }
        }
        GroupMetrics made = new GroupMetrics(name, loops.size());
        users.put(made, 1);
        groups = Stream.concat(groups.stream(), Stream.of(made)).toList();
        return made;
    }

    /** A group is gone: with the last one of its name, what was counted of it is told no more. */
    public synchronized void close(GroupMetrics group) {
        if (users.merge(group, -1, Integer::sum) <= 0) {
            users.remove(group);
            groups = groups.stream().filter(known -> known != group).toList();
        }
    }

    /** Places of tunnels that are taken, with those of handshakes under way. */
    public AtomicInteger tunnelPlaces() {
        return tunnelPlaces;
    }

    /** Connections that are open now and speak HTTP/2, all loops. A loop may count an end between the two reads: never below zero. */
    public long http2Open() {
        long closed = plainCount(LoopMetrics.HTTP2_CLOSED);
        return Math.max(0, plainCount(LoopMetrics.HTTP2_OPENED) - closed);
    }

    /** Tunnels that are open now, all loops. A loop may count an end between the two reads: never below zero. */
    public long tunnelsOpen() {
        long ended = loops.stream()
                .mapToLong(loop -> IntStream.range(0, TunnelEnding.values().length)
                        .mapToLong(loop.tunnels::get)
                        .sum())
                .sum();
        return Math.max(0, plainCount(LoopMetrics.TUNNELS_OPENED) - ended);
    }

    /** What is counted of each group that there is, in the order in which they came. */
    public List<GroupMetrics> groups() {
        return groups;
    }

    /** The label of one of the link's failures. */
    public static String label(Enum<?> failure) {
        return FAILURES.get(LoopMetrics.index(failure));
    }

    /** What the loop of this number counts. */
    public LoopMetrics loop(int index) {
        return loops.get(index);
    }

    /**
     * A worker was started again; from any thread.
     *
     * @param group the name of the worker's group
     * @param worker the worker's name
     * @param reason why the one before it ended: few, constant words
     */
    public void workerStartedAgain(String group, String worker, String reason) {
        count(restarts, group, worker, reason);
    }

    /** An attached worker is left out; from any thread. */
    public void workerEjected(String group, String worker, String reason) {
        count(ejections, group, worker, reason);
    }

    /** An attached worker was looked at; from any thread. */
    public void workerProbed(String group, String worker, boolean passed) {
        count(probes, group, worker, passed ? "passed" : "failed");
    }

    /** An attached worker's name was looked up; from any thread. */
    public void nameLookedUp(String group, String worker, boolean found) {
        count(lookups, group, worker, found ? "found" : "failed");
    }

    private static void count(Map<WorkerEvent, LongAdder> counts, String group, String worker, String word) {
        WorkerEvent event = new WorkerEvent(group, worker, word);
        if (!counts.containsKey(event) && counts.size() >= WORKER_SERIES_MOST) {
            event = new WorkerEvent(group, "other", "other");
        }
        counts.computeIfAbsent(event, key -> new LongAdder()).increment();
    }

    /** Requests settled, all loops, by the hundreds of their status: 1 to 5; 0: without a status. */
    public long requests(int hundreds) {
        int from = hundreds * 100;
        int end = hundreds == 0 ? 1 : from + 100;
        return IntStream.range(from, end).mapToLong(this::statusCount).sum();
    }

    /** TLS handshakes that ended so, all loops. */
    public long handshakes(Handshake how) {
        return loops.stream()
                .mapToLong(loop -> loop.handshakes.get(LoopMetrics.index(how)))
                .sum();
    }

    /** What was counted of each route until now, by its name; all loops. */
    public Map<String, Moment> routes() {
        Map<String, Moment> byName = new HashMap<>();
        for (LoopMetrics loop : loops) {
            Stream.concat(loop.routes.all().stream(), loop.toldRoutes.all().stream())
                    .forEach(cells -> byName.computeIfAbsent(cells.name, name -> Moment.none())
                            .add(cells));
        }
        return byName;
    }

    long statusCount(int status) {
        return loops.stream().mapToLong(loop -> loop.statuses.get(status)).sum();
    }

    long plainCount(int index) {
        return loops.stream().mapToLong(loop -> loop.plain.get(index)).sum();
    }

    List<LoopMetrics> loops() {
        return loops;
    }

    Map<WorkerEvent, LongAdder> restarts() {
        return restarts;
    }

    Map<WorkerEvent, LongAdder> ejections() {
        return ejections;
    }

    Map<WorkerEvent, LongAdder> probes() {
        return probes;
    }

    Map<WorkerEvent, LongAdder> lookups() {
        return lookups;
    }
}
