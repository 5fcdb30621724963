package terpan.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.certificate.CertificateFiles;

/**
 * Everything Terpan can be told, as it stands after defaults, file, environment and flags were merged and checked. Names,
 * defaults, bounds and texts of the single settings are declared once, in {@link Declarations}.
 */
public record Settings(
        List<Bind> bind,
        Optional<Application> application,
        List<WorkerGroup> groups,
        List<Attach> attach,
        Dispatch dispatch,
        Http http,
        Forwarding forwarding,
        Tls tls,
        Limits limits,
        Spool spool,
        LogSettings log,
        TraceSettings traces,
        Admin admin,
        FileSettings files,
        Probes probes,
        int loops) {

    /** Most worker processes of all groups together. */
    public static final int WORKERS_MOST = 1_024;

    /** How many worker processes the groups may have together. */
    public static int mostWorkers(List<WorkerGroup> groups) {
        return groups.stream().mapToInt(group -> group.workers().most()).sum();
    }

    /** What an application speaks. */
    public enum Interface {
        AUTO,
        WSGI,
        ASGI
    }

    /**
     * The application and the world it runs in.
     *
     * @param name what the person named: {@code module:callable}, {@code module:make()}, a file or a directory
     * @param target what the name stands for
     * @param chdir the directory the worker runs in, absolute; the target's directory if nothing else was said
     * @param python the interpreter, absolute, as {@link InterpreterLocator} found it
     * @param environment variables added to the worker's environment
     * @param prefix SCRIPT_NAME: "" or a path that begins with a slash and does not end with one
     * @param callable what its callable speaks
     * @param user the user the worker becomes, when Terpan runs as root
     * @param group the group the worker becomes, when Terpan runs as root
     * @param development whether error pages show causes
     * @param warm what each new worker of a reload is asked for before it takes requests: paths, or hosts with paths behind them
     * @param prove how the workers of a reload prove themselves before they take over
     * @param keep how long the workers before a reload are kept for a rollback; zero: not at all
     * @param reload whether its files are watched, and reloaded when one is saved
     * @param watch globs of further files that are, below the application's folder
     */
    public record Application(
            String name,
            AppTarget target,
            Path chdir,
            Optional<Path> python,
            Map<String, String> environment,
            String prefix,
            Interface callable,
            Optional<String> user,
            Optional<String> group,
            boolean development,
            List<String> warm,
            Optional<Prove> prove,
            Duration keep,
            boolean reload,
            List<String> watch) {
        /** The same from another place, with another interpreter. */
        public Application at(AppTarget itsTarget, Path itsChdir, Optional<Path> itsPython) {
            return new Application(
                    name,
                    itsTarget,
                    itsChdir,
                    itsPython,
                    environment,
                    prefix,
                    callable,
                    user,
                    group,
                    development,
                    warm,
                    prove,
                    keep,
                    reload,
                    watch);
        }
    }

    /**
     * A share of the requests goes to a new generation before it takes over.
     *
     * @param percent of the requests, 1 to 50
     * @param span for how long, at least
     * @param requests how many of them it has to have answered
     */
    public record Prove(int percent, Duration span, int requests) {}

    /**
     * The WSGI server.
     *
     * @param name a server profile's name, such as {@code builtin}
     * @param options options passed through to the server, by name
     */
    public record Server(String name, Map<String, String> options) {}

    /**
     * The worker processes.
     *
     * @param count how many there are at the start, 1 to 1,024
     * @param threads threads in each; 0: the server profile's default
     * @param startTimeout from spawn to ready
     * @param drainTimeout how long requests in flight may go on once a worker or Terpan stops
     * @param stopTimeout from the server's polite signal to SIGKILL
     * @param hangTimeout how long all places of a worker may be held by requests that were given up; zero: for ever
     * @param backoffFirst the delay before the second start after a crash; it doubles from there
     * @param backoffMost the longest delay; at this delay the worker is in a crash loop
     * @param readinessPath a path that has to answer below 500 before a worker is ready; empty: not asked
     * @param preload whether they are forked from a process that has imported the application
     * @param recycling when workers are replaced though nothing is wrong with them
     * @param scaling between which bounds their number follows the load; empty: it stays
     */
    public record Workers(
            int count,
            int threads,
            Duration startTimeout,
            Duration drainTimeout,
            Duration stopTimeout,
            Duration hangTimeout,
            Duration backoffFirst,
            Duration backoffMost,
            Optional<String> readinessPath,
            boolean preload,
            Recycling recycling,
            Optional<Scaling> scaling) {
        /** How many there may be, but for what a person orders. */
        public int most() {
            return scaling.map(Scaling::most).orElse(count);
        }

        /** The same with another number of them at the start. */
        Workers beginningWith(int itsCount) {
            return new Workers(
                    itsCount,
                    threads,
                    startTimeout,
                    drainTimeout,
                    stopTimeout,
                    hangTimeout,
                    backoffFirst,
                    backoffMost,
                    readinessPath,
                    preload,
                    recycling,
                    scaling);
        }
    }

    /**
     * Between which bounds a group's number of workers follows the load.
     *
     * @param least from 1
     * @param most more than {@code least}
     * @param downAfter how long one less would have been enough before one goes
     */
    public record Scaling(int least, int most, Duration downAfter) {}

    /**
     * When a worker is replaced though nothing is wrong with it.
     *
     * @param requests after so many; 0: whatever their number
     * @param age after so long; zero: whatever its age
     * @param memory at so many bytes of resident memory; 0: whatever its size
     */
    public record Recycling(int requests, Duration age, long memory) {
        /** However long it has worked. */
        public static final Recycling NEVER = new Recycling(0, Duration.ZERO, 0);
    }

    /** How workers are reached. */
    public enum SocketMode {
        /** A Unix socket for each worker. */
        PRIVATE,
        /** One Unix socket for all workers of the group. */
        SHARED,
        /** A loopback port for each worker, chosen by the kernel. */
        TCP
    }

    /**
     * Workers that are alike.
     *
     * @param name what they are called, with a number behind it; no two groups have the same
     * @param weight their share of the work in relation to other groups', 1 to 100
     * @param socket how they are reached
     */
    public record WorkerGroup(String name, Server server, Workers workers, int weight, SocketMode socket) {
        /** The same with another number of workers at the start; within the bounds, if there are any. */
        public WorkerGroup beginningWith(int count) {
            int bounded = workers.scaling()
                    .map(range -> Math.clamp(count, range.least(), range.most()))
                    .orElse(count);
            return new WorkerGroup(name, server, workers.beginningWith(bounded), weight, socket);
        }
    }

    /** How the dispatcher chooses among ready slots. */
    public enum Choice {
        LEAST_LOADED,
        ROUND_ROBIN,
        RANDOM_TWO,
        FIRST_FREE,
        STICKY;

        /** Whether weights count. */
        boolean weighs() {
            return this == LEAST_LOADED || this == RANDOM_TWO;
        }
    }

    /** What a sticky choice goes by. */
    public enum Sticky {
        ADDRESS,
        COOKIE
    }

    /**
     * The dispatcher.
     *
     * @param choice how a slot is chosen
     * @param sticky what it goes by where that is sticky
     * @param queueSize most requests that wait; 0: 1,024 or 16 times the total capacity, whichever is more
     * @param queueWait longest wait
     * @param windowMost deepest adaptive window, 1 to 32
     * @param windowWait longest expected wait inside a worker that the window may cause
     */
    public record Dispatch(
            Choice choice, Sticky sticky, int queueSize, Duration queueWait, int windowMost, Duration windowWait) {
        /** The deepest window that may be asked for. */
        public static final int WINDOW_MOST = 32;

        /** Whether clients are known by cookies. */
        public boolean usesCookies() {
            return choice == Choice.STICKY && sticky == Sticky.COOKIE;
        }
    }

    /**
     * Limits and deadlines of the HTTP edge and links.
     *
     * @param targetMost longest request target, bytes
     * @param strictTargets whether bytes beyond ASCII in a target are refused
     * @param fieldMost longest field line, bytes
     * @param headMost longest head, bytes
     * @param fieldsMost most field lines
     * @param bodyMost longest body, bytes
     * @param headTimeout first byte to end of head
     * @param bodyIdle longest pause inside a body
     * @param bodyRate least bytes a second of a body, counted after ten seconds
     * @param keepAliveIdle longest pause between two requests of a connection
     * @param sendIdle longest time a client may take nothing of an answer that waits for it
     * @param connectTimeout how long a connect to a worker may take
     * @param answerIdle longest time without a byte from the worker
     * @param answerWarn a request that takes longer is logged once
     * @param abortOnHalfClose whether a client that shuts its sending side is taken as gone
     * @param trustedProxies peers whose forwarded fields are believed: addresses, networks, {@code unix}
     * @param chunkOverheadMost most bytes of chunk extensions in a body
     * @param keepAliveRequests most requests of a connection; 0: any number
     * @param sendRate least bytes a second that a client takes of what waits for it, over each sendIdle
     * @param answerMost longest time for a whole answer; zero: no limit
     * @param stream beginnings of paths whose bodies go to the worker as they come; {@code *} stands for any characters
     * @param routeShapes shapes of paths, the first that fits counts: {@code *} stands for a segment, {@code **} for all that follows
     * @param errorPages the operator's pages for Terpan's own answers
     * @param earlyHints who is passed on informational answers
     */
    public record Http(
            int targetMost,
            boolean strictTargets,
            int fieldMost,
            int headMost,
            int fieldsMost,
            long bodyMost,
            Duration headTimeout,
            Duration bodyIdle,
            int bodyRate,
            Duration keepAliveIdle,
            Duration sendIdle,
            Duration connectTimeout,
            Duration answerIdle,
            Duration answerWarn,
            boolean abortOnHalfClose,
            List<String> trustedProxies,
            int chunkOverheadMost,
            int keepAliveRequests,
            int sendRate,
            Duration answerMost,
            List<String> stream,
            List<String> routeShapes,
            Optional<Path> errorPages,
            Compression compression,
            Tunnels tunnels,
            EarlyHints earlyHints) {}

    /** Which clients are passed on what answers are informational (RFC 9110, section 15.2). */
    public enum EarlyHints {
        OFF,
        /** Those of HTTP/2 alone: there each has a frame of its own, and nobody takes it for the answer (RFC 8297, section 3). */
        HTTP2,
        /** Those of HTTP/1.1, too. */
        ALL
    }

    /** How a body may be compressed, by the names of RFC 9110, section 8.4.1, RFC 7932 and RFC 8878. */
    public enum Coding {
        GZIP,
        BR,
        ZSTD
    }

    /**
     * Which answers are compressed, and how.
     *
     * @param codings those that there are, the first where a client likes several alike; none: no answer is
     * @param types media types, or a kind with *
     * @param least least length, bytes, where it is told
     * @param gzipLevel 1 to 9
     * @param brotliLevel 0 to 9
     * @param zstdLevel 1 to 12
     */
    public record Compression(
            List<Coding> codings, List<String> types, long least, int gzipLevel, int brotliLevel, int zstdLevel) {
        /** How much is tried with one of them. */
        public int level(Coding coding) {
            return switch (coding) {
                case GZIP -> gzipLevel;
                case BR -> brotliLevel;
                case ZSTD -> zstdLevel;
            };
        }
    }

    /** What computes TLS. */
    public enum TlsEngine {
        /** BoringSSL where it is there and can do what is asked for, else the JDK. */
        AUTO,
        BORINGSSL,
        JDK
    }

    /**
     * Listeners that speak TLS.
     *
     * @param engine what computes it
     * @param certificates those that there are, the first for whoever asks for no known name
     * @param development whether one is made for localhost, in front of those
     * @param versions those that are spoken, as the JDK names them
     * @param suites those that are spoken, as IANA names them
     * @param handshakeTimeout how long a client may take for its handshake
     * @param verify whether clients are asked for a certificate
     * @param clientAuthorities a file of the authorities that issue those; empty: clients are not asked
     * @param redirectPort where requests are sent that come without TLS; empty: they are answered
     * @param hsts what answers over TLS say in Strict-Transport-Security; empty: nothing
     * @param acme which certificates are had from an authority, behind those; empty: none
     */
    public record Tls(
            TlsEngine engine,
            List<CertificateFiles> certificates,
            boolean development,
            List<String> versions,
            List<String> suites,
            Duration handshakeTimeout,
            Verify verify,
            Optional<Path> clientAuthorities,
            OptionalInt redirectPort,
            Optional<String> hsts,
            Optional<Acme> acme) {
        /** Whether a listener speaks TLS. */
        public boolean isSpoken() {
            return development || !certificates.isEmpty() || acme.isPresent();
        }

        /** What of the suites BoringSSL can not do, for a person; empty: it can do all. */
        public Optional<String> notByBoringSsl() {
            return TlsSuites.notByBoringSsl(suites);
        }
    }

    /**
     * What all clients together, and one address, may take.
     *
     * @param connections most client connections; 0: chosen by the descriptors that the process may open, and by its heap
     * @param connectionsPerAddress most connections of one address; 0: any number
     * @param streamsPerConnection most requests of one connection of HTTP/2 at a time
     * @param requestRate most requests a second of one address; 0: any number
     * @param requestBurst how many requests of one address may come at once
     * @param tunnelsPerAddress most tunnels of one address; 0: any number
     * @param memory most bytes in buffers; 0: half of what the heap has beyond 8 MiB
     */
    public record Limits(
            int connections,
            int connectionsPerAddress,
            int streamsPerConnection,
            int requestRate,
            int requestBurst,
            int tunnelsPerAddress,
            long memory) {}

    /** A field that tells a worker of the client. */
    public enum Told {
        X_FORWARDED_FOR,
        X_FORWARDED_PROTO,
        X_FORWARDED_HOST,
        X_FORWARDED_PORT,
        X_REAL_IP,
        FORWARDED
    }

    /** Which of a trusted proxy's fields count; AUTO: Forwarded where X-Forwarded-For is missing. */
    public enum Believed {
        AUTO,
        X_FORWARDED,
        FORWARDED
    }

    /**
     * What is passed on beside what was sent.
     *
     * @param fields which fields tell workers of every client
     * @param believed which of a trusted proxy's fields count
     * @param requestIds whether worker and client are told each request's id
     * @param via the name in Via; empty: the field is not written
     */
    public record Forwarding(List<Told> fields, Believed believed, boolean requestIds, Optional<String> via) {}

    /**
     * Temporary files for bodies and answers that the other side does not take at once.
     *
     * @param directory where
     * @param memory bytes of a body or an answer kept in memory before a file is used
     * @param most bytes in all files together; 0: 4 GiB or half the free space, whichever is less
     * @param answerMost bytes of one answer in files
     */
    public record Spool(Path directory, int memory, long most, long answerMost) {}

    /**
     * The operators' side.
     *
     * @param runDirectory where sockets and the lock lie; empty: chosen from the user and the configuration
     * @param frontUser whom the front becomes where root has started it; empty: one is chosen
     * @param operators who comes over TCP
     */
    public record Admin(Optional<Path> runDirectory, Optional<String> frontUser, Operators operators) {}
}
