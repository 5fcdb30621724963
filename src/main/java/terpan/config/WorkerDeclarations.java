package terpan.config;

import static terpan.config.Section.WORKERS;
import static terpan.config.Setting.one;

import java.time.Duration;

/** The settings of workers, which each group has of its own; as {@link Declarations}. */
final class WorkerDeclarations {
    private static final long TIB = 1L << 40;

    private WorkerDeclarations() {}

    static final Setting<String> WORKER_NAME = one(
                    WORKERS,
                    "name",
                    "worker-name",
                    Kind.text("NAME", "small letters, digits and hyphens, a letter first", "[a-z][a-z0-9-]{0,31}"),
                    "",
                    "What the workers are called, with a number behind it, and their group in figures and logs.")
            .computed("the server's name");
    static final Setting<Count> COUNT = one(
                    WORKERS,
                    "count",
                    "workers",
                    Count.kind(),
                    "",
                    "Worker processes; of a range as many as it takes, the smaller number at the start.")
            .letter("w")
            .computed("the number of processors, shared out among the groups");
    static final Setting<Duration> SCALE_DOWN_AFTER = one(
            WORKERS,
            "scale-down-after",
            "scale-down-after",
            Kind.time(Duration.ofSeconds(1), Duration.ofDays(1)),
            "60s",
            "Of a range: how long one worker less would have been enough before one goes.");
    static final Setting<Integer> THREADS = one(
                    WORKERS,
                    "threads",
                    "threads",
                    Kind.whole(0, 1_024),
                    "0",
                    "Threads in each worker; 0 is the server's own default.")
            .computed("0, the server's own default");
    static final Setting<Settings.SocketMode> SOCKET = one(
            WORKERS,
            "socket",
            "socket",
            Kind.oneOf(Settings.SocketMode.class, Settings.SocketMode.values()),
            "private",
            "How workers are reached: a Unix socket for each, one that all of them share, or a loopback port for each.");
    static final Setting<Integer> WEIGHT = one(
            WORKERS,
            "weight",
            "weight",
            Kind.whole(1, 100),
            "1",
            "The workers' share of the requests in relation to other groups' while there is a choice.");
    static final Setting<Duration> START_TIMEOUT = one(
            WORKERS,
            "start-timeout",
            "start-timeout",
            Kind.time(Duration.ofMillis(100), Duration.ofHours(1)),
            "60s",
            "How long a worker may take from its start to ready.");
    static final Setting<Duration> DRAIN_TIMEOUT = one(
            WORKERS,
            "drain-timeout",
            "drain-timeout",
            Kind.time(Duration.ZERO, Duration.ofDays(1)),
            "30s",
            "How long requests in flight may go on once a worker or Terpan stops.");
    static final Setting<Duration> STOP_TIMEOUT = one(
            WORKERS,
            "stop-timeout",
            "stop-timeout",
            Kind.time(Duration.ZERO, Duration.ofHours(1)),
            "5s",
            "How long a worker may take from the server's polite signal until it is killed.");
    static final Setting<Duration> HANG_TIMEOUT = one(
            WORKERS,
            "hang-timeout",
            "hang-timeout",
            Kind.time(Duration.ZERO, Duration.ofDays(1)),
            "30s",
            "How long all places of a worker may be held by requests that were given up until it is ended and replaced; 0s: for ever.");
    static final Setting<Duration> BACKOFF_FIRST = one(
            WORKERS,
            "backoff-first",
            "backoff-first",
            Kind.time(Duration.ofMillis(10), Duration.ofHours(1)),
            "500ms",
            "The delay before the second start after a crash; it doubles from there.");
    static final Setting<Duration> BACKOFF_MOST = one(
            WORKERS,
            "backoff-most",
            "backoff-most",
            Kind.time(Duration.ofMillis(10), Duration.ofHours(1)),
            "30s",
            "The longest delay between two starts; a worker that reaches it is in a crash loop.");
    static final Setting<String> READINESS_PATH = one(
            WORKERS,
            "readiness-path",
            "readiness-path",
            Kind.text("PATH", "a path that begins with a slash", "/[\\x21-\\x7e]*"),
            "",
            "A path that has to answer below 500 before a worker gets requests.");

    static final Setting<Boolean> PRELOAD = one(
            WORKERS,
            "preload",
            "preload",
            Kind.onOff(),
            "false",
            "Whether the application is imported once, in a process that forks the workers: they start at once and share its memory.");

    static final Setting<Integer> MAX_REQUESTS = one(
            WORKERS,
            "max-requests",
            "max-requests",
            Kind.whole(0, 1_000_000_000),
            "0",
            "A worker that has had so many requests, or up to a fifth less, is replaced by another, which is ready before it drains; 0: whatever their number.");
    static final Setting<Duration> MAX_AGE = one(
            WORKERS,
            "max-age",
            "max-age",
            Kind.time(Duration.ZERO, Duration.ofDays(365)),
            "0s",
            "A worker that has served for so long, or up to a fifth less, is replaced in the same way; 0s: however long.");
    static final Setting<Long> MAX_MEMORY = one(
            WORKERS,
            "max-memory",
            "max-memory",
            Kind.size(0, TIB),
            "0",
            "A worker whose processes have so much resident memory, or up to a fifth less, is replaced in the same way; 0: whatever its size.");
}
