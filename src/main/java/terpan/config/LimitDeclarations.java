package terpan.config;

import static terpan.config.Section.HTTP;
import static terpan.config.Section.LIMITS;
import static terpan.config.Section.SPOOL;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;
import java.time.Duration;

/** The part of {@link Declarations} that bounds what clients, one or all together, may take; and what refusals look like. */
final class LimitDeclarations {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;
    private static final long GIB = 1L << 30;
    private static final int REQUESTS_MOST = 1_000_000_000;
    private static final int RATE_MOST = 1_000_000;

    static final Setting<Long> CHUNK_OVERHEAD = one(
            HTTP,
            "max-chunk-overhead",
            "max-chunk-overhead",
            Kind.size(64, MIB),
            "16KiB",
            "The most bytes of chunk extensions in a chunked body; over it: 413.");
    static final Setting<Boolean> STRICT_TARGETS = one(
            HTTP,
            "strict-targets",
            "strict-targets",
            Kind.onOff(),
            "false",
            "Whether bytes beyond ASCII in a path or query are answered with 400; otherwise they go on as their escapes.");
    static final Setting<Integer> KEEP_ALIVE_REQUESTS = one(
            HTTP,
            "keep-alive-requests",
            "keep-alive-requests",
            Kind.whole(0, REQUESTS_MOST),
            "0",
            "How many requests a client connection may carry before it is closed with an answer; 0 is any number.");
    static final Setting<Long> SEND_RATE = one(
            HTTP,
            "send-rate",
            "send-rate",
            Kind.size(0, GIB),
            "128B",
            "The least bytes a second that a client has to take of an answer that waits for it, over each send-idle;"
                    + " below it is cut off; 0 asks for none.");
    static final Setting<Duration> ANSWER_MOST = one(
                    HTTP,
                    "answer-most",
                    "answer-most",
                    Kind.time(Duration.ZERO, Duration.ofDays(7)),
                    "0s",
                    "How long an application may take for a whole answer; over it: 504, or a cut if it has begun.")
            .computed("0s, which is no limit");
    static final Setting<String> STREAM = list(
            HTTP,
            "stream",
            "stream",
            Kind.text("PATH", "a path such as /upload/, in which * stands for any characters", "/[\\x21-\\x7e]*"),
            "",
            "The beginning of paths whose request bodies go to the worker as they come, if their length is told;"
                    + " may be given several times.");

    /** Most rules of {@link #ROUTE_SHAPES}: each request may have to be held against all. */
    static final int ROUTE_SHAPES_MOST = 100;

    static final Setting<String> ROUTE_SHAPES = list(
            HTTP,
            "route-shapes",
            "route-shape",
            Kind.text(
                    "SHAPE",
                    "a path such as /user/*/posts of at most 100 characters, in which * stands for one segment, and ** at the end for all that"
                            + " follows",
                    "(?=.{1,100}$)(?:/(?:\\*|[!-~&&[^*/?#]]*))+|(?=.{1,100}$)(?:/(?:\\*|[!-~&&[^*/?#]]*))*/\\*\\*"),
            "",
            "A shape of paths, by which their requests are counted together; the first that fits counts, before the framework's route; may be"
                    + " given several times, at most 100 times.");
    static final Setting<Settings.EarlyHints> EARLY_HINTS = one(
            HTTP,
            "early-hints",
            "early-hints",
            Kind.oneOf(Settings.EarlyHints.class, Settings.EarlyHints.values()),
            "http2",
            "Which clients are passed on an application's 103 Early Hints and its like: none, those of HTTP/2, or all that may take them.");
    static final Setting<Path> ERROR_PAGES = one(
                    HTTP,
                    "error-pages",
                    "error-pages",
                    Kind.path(),
                    "",
                    "A directory of pages for Terpan's own answers, such as 502.html, 5xx.html and 503.json.")
            .computed("pages of Terpan's own");

    static final Setting<Integer> CONNECTIONS = one(
                    LIMITS,
                    "connections",
                    "connections",
                    Kind.whole(0, 10_000_000),
                    "0",
                    "The most client connections in all; beyond, idle ones are closed and new ones wait unaccepted."
                            + " 0 chooses by the descriptors that the process may open, and by its memory.")
            .computed(
                    "0, which is two thirds of the descriptors that workers and files leave, or as many as a quarter of the heap has room for, with 4 KiB each");
    static final Setting<Integer> PER_ADDRESS = one(
            LIMITS,
            "connections-per-address",
            "connections-per-address",
            Kind.whole(0, 10_000_000),
            "0",
            "The most connections of one client address, or one IPv6 network of 64 bits; over it: 429. 0 is any number;"
                    + " trusted proxies are not counted.");
    static final Setting<Integer> STREAMS = one(
            LIMITS,
            "streams-per-connection",
            "streams-per-connection",
            Kind.whole(1, 1000),
            "128",
            "The most requests that a client connection of HTTP/2 may have at a time; beyond, they are refused and may be sent"
                    + " again.");
    static final Setting<Integer> REQUEST_RATE = one(
            LIMITS,
            "request-rate",
            "request-rate",
            Kind.whole(0, RATE_MOST),
            "0",
            "The most requests a second of one client address, or one IPv6 network of 64 bits; over it: 429. 0 is any number.");
    static final Setting<Integer> REQUEST_BURST = one(
                    LIMITS,
                    "request-burst",
                    "request-burst",
                    Kind.whole(0, RATE_MOST),
                    "0",
                    "How many requests of one address may come at once where request-rate is set.")
            .computed("0, which is two seconds' worth of request-rate");
    static final Setting<Long> MEMORY = one(
                    LIMITS,
                    "memory",
                    "buffer-memory",
                    Kind.size(0, 64 * GIB),
                    "0B",
                    "The most memory in buffers of clients' input, of output and of spools together; beyond, new requests"
                            + " are answered with 503 and reading pauses. What has yet to come of slow requests gets half of it.")
            .computed("0B, which is half of what the heap has beyond 8 MiB");

    static final Setting<Long> ANSWER_SPOOL = one(
            SPOOL,
            "answer-spool-most",
            "answer-spool-most",
            Kind.size(0, 1L << 44),
            "1GiB",
            "The most bytes of one answer, or of a body that streams, in files, and never more than a quarter of most;"
                    + " beyond, its sender waits. All answers together have half of most.");

    static final Setting<Path> SPOOL_DIRECTORY =
            one(SPOOL, "directory", "spool-directory", Kind.path(), "/var/tmp", "Where the files are made.");
    static final Setting<Long> SPOOL_MEMORY = one(
            SPOOL,
            "memory",
            "spool-memory",
            Kind.size(4 * KIB, 64 * MIB),
            "64KiB",
            "How much of a body or an answer is kept in memory before a file is used.");
    static final Setting<Long> SPOOL_MOST = one(
                    SPOOL,
                    "most",
                    "spool-most",
                    Kind.size(0, 16 * TIB),
                    "0B",
                    "The most bytes in all files together; an upload that does not fit now is answered with 503, one that never can with 413, a worker waits.")
            .computed("0B, which is 4GiB or half the free space, whichever is less");

    private LimitDeclarations() {}
}
