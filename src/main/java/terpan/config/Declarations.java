package terpan.config;

import static terpan.config.Section.ADMIN;
import static terpan.config.Section.APPLICATION;
import static terpan.config.Section.DISPATCH;
import static terpan.config.Section.HTTP;
import static terpan.config.Section.SERVER;
import static terpan.config.Section.TOP;
import static terpan.config.Setting.entries;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Every setting, declared once: loader, checks, help and {@code docs/configuration.md} come from this table. To add one, add a
 * line here and to {@link #all()}, a component to {@link Settings}, and its reading to {@link Assembly}.
 */
public final class Declarations {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    static final String NAME = "[A-Za-z_][A-Za-z0-9_.-]{0,31}";

    // Listening
    static final Setting<Bind> BIND = list(
                    TOP,
                    "bind",
                    "bind",
                    Kind.bind(),
                    "127.0.0.1:8000",
                    "Where to listen for clients; may be given several times.")
            .letter("b");
    static final Setting<Attach> ATTACH = list(
            TOP,
            "attach",
            "attach",
            Kind.attach(),
            "",
            "A worker that someone else runs, how many requests it works on at once (1 if not said), its weight (1), the group that it is told of with (attached), a path that it is asked for to see that it is well (check-path) and how often (check-every, 5s); may be given several times.");
    static final Setting<Integer> LOOPS = one(TOP, "loops", "loops", Kind.whole(1, 64), "", "Event loops of the front.")
            .computed("one for every four processors, at least one");

    static final Setting<String> LIVE_PATH = one(
                    TOP,
                    "live-path",
                    "live-path",
                    probe(),
                    "",
                    "A path that Terpan itself answers on every listener: 200 as long as it turns.")
            .computed("none");
    static final Setting<String> READY_PATH = one(
                    TOP,
                    "ready-path",
                    "ready-path",
                    probe(),
                    "",
                    "The same: 200 while an application can be served, 503 while none can and once Terpan is to stop.")
            .computed("none");
    static final Setting<Duration> STOP_DELAY = one(
            TOP,
            "stop-delay",
            "stop-delay",
            Kind.time(Duration.ZERO, Duration.ofMinutes(10)),
            "0s",
            "How long Terpan serves on once it is told to stop, while it says that it is not ready.");

    // Application
    static final Setting<String> NAME_OF_APPLICATION = one(
            APPLICATION,
            "name",
            "app",
            Kind.text("APP", "MODULE, MODULE:CALLABLE, MODULE:FACTORY(), FILE.py[:CALLABLE] or a directory", ".*\\S.*"),
            "",
            "The application: a module, a file or a directory; a callable that is not named is application, else app, else what create_app() or make_app() returns.");
    static final Setting<Path> CHDIR = one(
                    APPLICATION, "chdir", "chdir", Kind.path(), "", "The directory that the workers run in.")
            .computed("the application's directory");
    static final Setting<Path> PYTHON = one(
                    APPLICATION,
                    "python",
                    "python",
                    Kind.program(),
                    "",
                    "The Python interpreter, or the directory of a virtual environment.")
            .computed(
                    "a virtual environment (.venv, venv, env) beside the application or above it in its project, VIRTUAL_ENV, python3 on the path");
    static final Setting<String> ENV =
            entries(APPLICATION, "env", "env", "A variable for the workers' environment; may be given several times.");
    static final Setting<Path> ENV_FILE = one(
            APPLICATION,
            "env-file",
            "env-file",
            Kind.path(),
            "",
            "A file of NAME=VALUE lines for the workers' environment; variables named one by one count more.");
    static final Setting<String> PREFIX = one(
            APPLICATION,
            "prefix",
            "prefix",
            Kind.text("PATH", "a path such as /shop, with no slash at its end", "(/[^/?#\\s]+)*"),
            "",
            "The path under which the application is mounted (SCRIPT_NAME).");
    static final Setting<Settings.Interface> INTERFACE = one(
            APPLICATION,
            "interface",
            "interface",
            Kind.oneOf(Settings.Interface.class, Settings.Interface.values()),
            "auto",
            "What the application speaks; auto takes an async callable for ASGI and any other for WSGI.");
    static final Setting<String> USER = one(
            APPLICATION,
            "user",
            "user",
            Kind.text("NAME", "a user's name", NAME),
            "",
            "The user that the workers become before the application is imported, when Terpan runs as root.");
    static final Setting<String> GROUP = one(
                    APPLICATION,
                    "group",
                    "group",
                    Kind.text("NAME", "a group's name", NAME),
                    "",
                    "The group that the workers become, when Terpan runs as root.")
            .computed("the user's own group");
    static final Setting<Boolean> DEVELOPMENT = one(
            APPLICATION,
            "development",
            "development",
            Kind.onOff(),
            "false",
            "Whether error pages show what went wrong, with traceback; never where strangers come.");

    // Server
    static final Setting<String> SERVER_NAME = one(
            SERVER,
            "name",
            "server",
            Kind.text("NAME", "a server's name, such as builtin, waitress or gunicorn", "[A-Za-z][A-Za-z0-9_.-]{0,31}"),
            "builtin",
            "The WSGI server: builtin, waitress, gunicorn, ...");
    static final Setting<String> SERVER_OPTIONS = entries(
            SERVER, "options", "server-option", "An option passed through to the server; may be given several times.");

    // Dispatching
    static final Setting<Settings.Choice> CHOICE = one(
            DISPATCH,
            "choice",
            "choice",
            Kind.oneOf(Settings.Choice.class, Settings.Choice.values()),
            "least-loaded",
            "How a worker is chosen among those that are free.");
    static final Setting<Settings.Sticky> STICKY = one(
            DISPATCH,
            "sticky",
            "sticky",
            Kind.oneOf(Settings.Sticky.class, Settings.Sticky.values()),
            "address",
            "What a client is known by where choice is sticky: its address, or a signed cookie that names its worker.");
    static final Setting<Integer> QUEUE_SIZE = one(
                    DISPATCH,
                    "queue-size",
                    "queue-size",
                    Kind.whole(0, 1_000_000),
                    "0",
                    "How many requests may wait for a worker; one more is answered with 503. 0 chooses by the workers.")
            .computed("0, which is 1,024 or 16 times the total capacity, whichever is more");
    static final Setting<Duration> QUEUE_WAIT = one(
            DISPATCH,
            "queue-wait",
            "queue-wait",
            Kind.time(Duration.ofMillis(1), Duration.ofHours(1)),
            "30s",
            "How long a request may wait for a worker before it is answered with 503.");
    static final Setting<Integer> WINDOW_MOST = one(
            DISPATCH,
            "window-most",
            "window-most",
            Kind.whole(1, Settings.Dispatch.WINDOW_MOST),
            "32",
            "The most requests that a quick worker is given ahead of its answers.");
    static final Setting<Duration> WINDOW_WAIT = one(
            DISPATCH,
            "window-wait",
            "window-wait",
            Kind.time(Duration.ZERO, Duration.ofSeconds(1)),
            "1ms",
            "The longest expected wait inside a worker that giving ahead may cause.");

    // HTTP
    static final Setting<Long> TARGET_MOST = one(
            HTTP,
            "max-target",
            "max-target",
            Kind.size(64, 64 * KIB),
            "8000B",
            "The longest request target; over it: 414.");
    static final Setting<Long> FIELD_MOST = one(
            HTTP, "max-field", "max-field", Kind.size(64, 64 * KIB), "8000B", "The longest field line; over it: 431.");
    static final Setting<Long> HEAD_MOST =
            one(HTTP, "max-head", "max-head", Kind.size(KIB, MIB), "32KiB", "The longest request head; over it: 431.");
    static final Setting<Integer> FIELDS_MOST =
            one(HTTP, "max-fields", "max-fields", Kind.whole(8, 256), "80", "The most fields in a head; over it: 431.");
    static final Setting<Long> BODY_MOST = one(
            HTTP, "max-body", "max-body", Kind.size(0, 16 * TIB), "1GiB", "The longest request body; over it: 413.");
    static final Setting<Duration> HEAD_TIMEOUT = one(
            HTTP,
            "head-timeout",
            "head-timeout",
            Kind.time(Duration.ofMillis(10), Duration.ofHours(1)),
            "30s",
            "How long a client may take to send a request head; over it: 408.");
    static final Setting<Duration> BODY_IDLE = one(
            HTTP,
            "body-idle",
            "body-idle",
            Kind.time(Duration.ofMillis(10), Duration.ofHours(1)),
            "30s",
            "The longest pause inside a request body; over it: 408.");
    static final Setting<Long> BODY_RATE = one(
            HTTP,
            "body-rate",
            "body-rate",
            Kind.size(0, GIB),
            "1KiB",
            "The least bytes a second of a request body, counted after ten seconds; 0 asks for none.");
    static final Setting<Duration> KEEP_ALIVE_IDLE = one(
            HTTP,
            "keep-alive-idle",
            "keep-alive-idle",
            Kind.time(Duration.ofMillis(10), Duration.ofDays(1)),
            "65s",
            "How long a client connection is kept open between two requests.");
    static final Setting<Duration> SEND_IDLE = one(
            HTTP,
            "send-idle",
            "send-idle",
            Kind.time(Duration.ofMillis(10), Duration.ofDays(1)),
            "60s",
            "How long a client may take nothing of an answer before it is cut off.");
    static final Setting<Duration> CONNECT_TIMEOUT = one(
            HTTP,
            "connect-timeout",
            "connect-timeout",
            Kind.time(Duration.ofMillis(10), Duration.ofMinutes(1)),
            "2s",
            "How long a connect to a worker may take; over it the request goes to another.");
    static final Setting<Duration> ANSWER_IDLE = one(
            HTTP,
            "answer-idle",
            "answer-idle",
            Kind.time(Duration.ofMillis(10), Duration.ofDays(1)),
            "60s",
            "How long a worker may stay silent over a request; over it: 504.");
    static final Setting<Duration> ANSWER_WARN = one(
            HTTP,
            "answer-warn",
            "answer-warn",
            Kind.time(Duration.ofMillis(10), Duration.ofDays(1)),
            "30s",
            "A request that takes longer is logged once.");
    static final Setting<Boolean> ABORT_ON_HALF_CLOSE = one(
            HTTP,
            "abort-on-half-close",
            "abort-on-half-close",
            Kind.onOff(),
            "false",
            "Whether a client that shuts its sending side is taken as gone.");
    static final Setting<String> TRUSTED_PROXIES = list(
            HTTP,
            "trusted-proxies",
            "trusted-proxy",
            Kind.peer(),
            "",
            "A peer whose Forwarded and X-Forwarded fields are believed; may be given several times.");

    // Operators
    static final Setting<Path> RUN_DIRECTORY = one(
                    ADMIN,
                    "run-directory",
                    "run-directory",
                    Kind.path(),
                    "",
                    "Where sockets and the lock lie; only for the user who runs Terpan.")
            .computed("terpan-HASH below XDG_RUNTIME_DIR, else, and for root, /tmp/terpan-UID/HASH");
    static final Setting<String> FRONT_USER = one(
                    ADMIN,
                    "front-user",
                    "front-user",
                    Kind.text("NAME", "a user's name", NAME),
                    "",
                    "The user that the front becomes before it reads a client's byte, when Terpan runs as root and every application has a user; root: it stays root.")
            .computed("terpan if there is such a user, else nobody, else daemon; none that an application has");

    private Declarations() {}

    private static Kind<String> probe() {
        return Kind.text("PATH", "a path such as /ready", "/[!-~&&[^?#%]]{0,199}");
    }

    /** Every setting, in the order of help and reference. */
    public static List<Setting<?>> all() {
        return ALL;
    }

    private static final List<Setting<?>> ALL = List.of(
            BIND,
            ATTACH,
            FileDeclarations.STATIC,
            FileDeclarations.SENDFILE,
            FileDeclarations.INTERNAL,
            ApplicationDeclarations.INCLUDE,
            ApplicationDeclarations.WATCH,
            LOOPS,
            LIVE_PATH,
            READY_PATH,
            STOP_DELAY,
            NAME_OF_APPLICATION,
            CHDIR,
            PYTHON,
            ENV,
            ENV_FILE,
            PREFIX,
            INTERFACE,
            USER,
            GROUP,
            DEVELOPMENT,
            ReloadDeclarations.WARM,
            ReloadDeclarations.PROVE_SHARE,
            ReloadDeclarations.PROVE_FOR,
            ReloadDeclarations.PROVE_REQUESTS,
            ReloadDeclarations.KEEP,
            ReloadDeclarations.RELOAD,
            ReloadDeclarations.WATCH,
            SERVER_NAME,
            SERVER_OPTIONS,
            WorkerDeclarations.WORKER_NAME,
            WorkerDeclarations.COUNT,
            WorkerDeclarations.SCALE_DOWN_AFTER,
            WorkerDeclarations.THREADS,
            WorkerDeclarations.SOCKET,
            WorkerDeclarations.WEIGHT,
            WorkerDeclarations.START_TIMEOUT,
            WorkerDeclarations.DRAIN_TIMEOUT,
            WorkerDeclarations.STOP_TIMEOUT,
            WorkerDeclarations.HANG_TIMEOUT,
            WorkerDeclarations.BACKOFF_FIRST,
            WorkerDeclarations.BACKOFF_MOST,
            WorkerDeclarations.READINESS_PATH,
            WorkerDeclarations.PRELOAD,
            WorkerDeclarations.MAX_REQUESTS,
            WorkerDeclarations.MAX_AGE,
            WorkerDeclarations.MAX_MEMORY,
            CHOICE,
            STICKY,
            QUEUE_SIZE,
            QUEUE_WAIT,
            WINDOW_MOST,
            WINDOW_WAIT,
            TARGET_MOST,
            LimitDeclarations.STRICT_TARGETS,
            FIELD_MOST,
            HEAD_MOST,
            FIELDS_MOST,
            BODY_MOST,
            LimitDeclarations.CHUNK_OVERHEAD,
            HEAD_TIMEOUT,
            BODY_IDLE,
            BODY_RATE,
            KEEP_ALIVE_IDLE,
            LimitDeclarations.KEEP_ALIVE_REQUESTS,
            SEND_IDLE,
            LimitDeclarations.SEND_RATE,
            CONNECT_TIMEOUT,
            ANSWER_IDLE,
            LimitDeclarations.ANSWER_MOST,
            ANSWER_WARN,
            ABORT_ON_HALF_CLOSE,
            TRUSTED_PROXIES,
            Forwarding.TRUSTED_FIELDS,
            Forwarding.FORWARDED_FIELDS,
            Forwarding.REQUEST_IDS,
            Forwarding.VIA,
            LimitDeclarations.STREAM,
            LimitDeclarations.ROUTE_SHAPES,
            LimitDeclarations.EARLY_HINTS,
            LimitDeclarations.ERROR_PAGES,
            CompressionDeclarations.COMPRESS,
            CompressionDeclarations.TYPES,
            CompressionDeclarations.LEAST,
            CompressionDeclarations.GZIP_LEVEL,
            CompressionDeclarations.BROTLI_LEVEL,
            CompressionDeclarations.ZSTD_LEVEL,
            TunnelDeclarations.MOST,
            TunnelDeclarations.IDLE,
            TunnelDeclarations.DRAIN,
            TlsDeclarations.CERTIFICATE,
            TlsDeclarations.KEY,
            TlsDeclarations.PASSPHRASE,
            TlsDeclarations.DEVELOPMENT,
            TlsDeclarations.ENGINE,
            TlsDeclarations.MINIMUM,
            TlsDeclarations.SUITES,
            TlsDeclarations.HANDSHAKE,
            TlsDeclarations.VERIFY,
            TlsDeclarations.AUTHORITIES,
            TlsDeclarations.REDIRECT,
            TlsDeclarations.HSTS,
            AcmeDeclarations.NAMES,
            AcmeDeclarations.EMAIL,
            AcmeDeclarations.TERMS,
            AcmeDeclarations.STAGING,
            AcmeDeclarations.AUTHORITY,
            AcmeDeclarations.TRUST,
            AcmeDeclarations.CHALLENGE,
            AcmeDeclarations.DIRECTORY,
            AcmeDeclarations.EXTERNAL_ID,
            AcmeDeclarations.EXTERNAL_KEY,
            LimitDeclarations.CONNECTIONS,
            LimitDeclarations.PER_ADDRESS,
            LimitDeclarations.STREAMS,
            LimitDeclarations.REQUEST_RATE,
            LimitDeclarations.REQUEST_BURST,
            TunnelDeclarations.PER_ADDRESS,
            LimitDeclarations.MEMORY,
            LimitDeclarations.SPOOL_DIRECTORY,
            LimitDeclarations.SPOOL_MEMORY,
            LimitDeclarations.SPOOL_MOST,
            LimitDeclarations.ANSWER_SPOOL,
            LogDeclarations.LEVEL,
            LogDeclarations.FORMAT,
            LogDeclarations.FILE,
            LogDeclarations.TO,
            LogDeclarations.ROTATE_SIZE,
            LogDeclarations.ROTATE_EVERY,
            LogDeclarations.ROTATE_KEEP,
            LogDeclarations.SLOW,
            LogDeclarations.MASK_QUERY,
            LogDeclarations.MASK_FIELDS,
            LogDeclarations.ACCESS,
            LogDeclarations.ACCESS_FORMAT,
            LogDeclarations.ACCESS_FILE,
            LogDeclarations.ACCESS_TO,
            LogDeclarations.ACCESS_RULES,
            TraceDeclarations.ENDPOINT,
            TraceDeclarations.SHARE,
            TraceDeclarations.SERVICE_NAME,
            TraceDeclarations.FIELDS_FILE,
            RUN_DIRECTORY,
            FRONT_USER,
            OperatorDeclarations.BIND,
            OperatorDeclarations.TOKEN,
            OperatorDeclarations.TOKEN_FILE,
            OperatorDeclarations.READER_TOKEN,
            OperatorDeclarations.READER_TOKEN_FILE,
            OperatorDeclarations.HOSTS);

    /** What stays as it was at the start until Terpan stops; all else changes with a reload. */
    static final List<Setting<?>> FIXED = List.of(
            LOOPS,
            RUN_DIRECTORY,
            FRONT_USER,
            OperatorDeclarations.BIND,
            OperatorDeclarations.TOKEN,
            OperatorDeclarations.TOKEN_FILE,
            OperatorDeclarations.READER_TOKEN,
            OperatorDeclarations.READER_TOKEN_FILE,
            OperatorDeclarations.HOSTS);
}
