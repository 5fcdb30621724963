package terpan.server;

import java.util.List;
import terpan.server.Conduct.ChunkedUpload;
import terpan.server.Conduct.Expectation;
import terpan.server.Conduct.HeadBody;
import terpan.server.Conduct.Pipelining;
import terpan.server.Conduct.StopInFlight;
import terpan.server.Conduct.Streaming;
import terpan.server.Conduct.UnreadBody;

/**
 * Servers with a pool of threads (or processes), each of which works on one request. A request that finds all of them busy waits
 * inside, where no other worker can take it, so the window stays at the capacity.
 */
final class ThreadServers {
    static final List<ServerKind> KINDS = List.of(waitress(), gunicorn(), cheroot(), cherrypy(), twisted(), Uwsgi.KIND);

    /** Measured of CherryPy, whose threads wait for their own connection's next request; others wait for one that hands them out. */
    private static final int EACH_WITH_ITS_OWN = 6;

    private static final String WORKER_CLASS = "worker-class";

    private ThreadServers() {}

    /** One asynchronous reader before the threads: idle connections hold no thread. */
    private static ServerKind waitress() {
        return ServerKind.named("waitress")
                .pip("waitress")
                .threads(4)
                .passes("ident")
                .passes(OptionKind.WHOLE, "channel-timeout", "channel-request-lookahead")
                .passes(OptionKind.POSITIVE, "asyncore-loop-timeout", "cleanup-interval")
                .passes(OptionKind.SWITCH, "asyncore-use-poll", "log-socket-errors", "log-untrusted-proxy-headers")
                .passes(
                        OptionKind.BYTES,
                        "inbuf-overflow",
                        "outbuf-high-watermark",
                        "outbuf-overflow",
                        "recv-bytes",
                        "send-bytes")
                .refuses(
                        Refusals.LISTENING,
                        "host",
                        "port",
                        "listen",
                        "sockets",
                        "unix-socket",
                        "unix-socket-perms",
                        "backlog")
                .refuses(Refusals.CONNECTIONS, "connection-limit")
                .refuses(Refusals.TRACEBACKS, "expose-tracebacks")
                .refuses("set 'prefix' instead", "url-prefix")
                .refuses(
                        Refusals.IDENTITY,
                        "server-name",
                        "url-scheme",
                        "trusted-proxy",
                        "trusted-proxy-count",
                        "trusted-proxy-headers",
                        "clear-untrusted-proxy-headers")
                .refuses(Refusals.BODIES, "max-request-body-size")
                .refuses(Refusals.HEADS, "max-request-header-size")
                .profile((threads, options) -> ServerProfile.http("waitress", threads)
                        .capacity(threads)
                        .idle(options.whole("channel-timeout", 120))
                        .connections(threads + 16)
                        .head(256 * 1024, Integer.MAX_VALUE)
                        .tellsStacks()
                        .sharesSocket()
                        .conduct(
                                HeadBody.SENT,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }

    /**
     * One worker under its own master: class {@code sync} with one thread (keeps no connection; after an answer it waits for the
     * peer to close), {@code gthread} with more (a silent connection holds a thread, an idle kept one does not); {@code gevent} and
     * {@code meinheld} are what they are alone.
     */
    private static ServerKind gunicorn() {
        return ServerKind.named("gunicorn")
                .pip("gunicorn")
                .passes(OptionKind.oneOf("sync", "gthread", "gevent", "meinheld"), WORKER_CLASS)
                .unthreaded(ThreadServers::gunicornInsteadOfThreads)
                .passes(OptionKind.WHOLE, "keepalive")
                .passes(OptionKind.POSITIVE, "worker-connections")
                .passes(OptionKind.LOG_LEVEL, "loglevel")
                .passes("worker-tmp-dir", "logger-class", "logconfig", "logconfig-json", "proc-name")
                .passes(OptionKind.SWITCH, "sendfile")
                .refuses(
                        Refusals.LISTENING,
                        "backlog",
                        "reuse-port",
                        "umask",
                        "control-socket",
                        "control-socket-mode",
                        "control-socket-disable")
                .refuses(
                        Refusals.PROCESSES,
                        "reload",
                        "reload-engine",
                        "reload-extra-files",
                        "preload-app",
                        "max-requests",
                        "max-requests-jitter")
                .refuses("set 'user' instead", "user")
                .refuses("set 'group' instead", "group", "initgroups")
                .refuses("set 'chdir' instead", "chdir")
                .refuses("set 'env' instead", "raw-env", "env")
                .refuses("set 'prefix' instead", "root-path")
                .refuses(Refusals.FILES, "config")
                .refuses(Refusals.IMPORTS, "wsgi-app", "pythonpath", "paste")
                .refuses(Refusals.LOGS, "accesslog", "access-logfile", "access-logformat", "access-log-format")
                .refuses(Refusals.OUTPUT, "errorlog", "error-logfile", "log-file", "capture-output", "syslog")
                .refuses(Refusals.METRICS, "statsd-host", "statsd-prefix", "dogstatsd-tags")
                .refuses(Refusals.PROTOCOL, "protocol", "http-protocols", "http2-cleartext")
                .refuses(Refusals.TLS, "keyfile", "certfile", "ssl-version", "cert-reqs", "ca-certs", "ciphers")
                .refuses(Refusals.DEADLINES, "timeout")
                .refuses("set 'stop-timeout' instead", "graceful-timeout")
                .refuses(
                        Refusals.IDENTITY,
                        "forwarded-allow-ips",
                        "forwarder-headers",
                        "header-map",
                        "proxy-allow-ips",
                        "proxy-protocol",
                        "secure-scheme-headers")
                .refuses(Refusals.HEADS, "limit-request-line", "limit-request-fields", "limit-request-field-size")
                .profile(ThreadServers::gunicornProfile);
    }

    /** One reactor before the pool's threads: idle connections hold no thread. */
    private static ServerKind twisted() {
        return ServerKind.named("twisted")
                .pip("twisted")
                .threads(10)
                .passes(OptionKind.POSITIVE, "timeout")
                .refuses(Refusals.LISTENING, "port", "interface", "backlog", "mode", "want-pid")
                .refuses(Refusals.THREADS, "threadpool")
                .refuses(Refusals.IDENTITY, "request-factory")
                .refuses(Refusals.LOGS, "log-path", "log-formatter")
                .refuses(Refusals.TRACEBACKS, "display-tracebacks")
                .profile((threads, options) -> ServerProfile.http("twisted", threads)
                        .capacity(threads)
                        .idle(options.whole("timeout", 60))
                        .connections(65_536)
                        .head(128 * 1024, 500)
                        .tellsStacks()
                        .sharesSocket()
                        .conduct(
                                HeadBody.STRIPPED,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }

    /** Its classes of greenlets and Meinheld's loop have one thread, as the servers of these names. */
    private static String gunicornInsteadOfThreads(Options options) {
        return switch (options.text(WORKER_CLASS, "")) {
            case "gevent" -> "with the class gevent: set the server option 'worker-connections' instead";
            case "meinheld" -> "with the class meinheld: " + Refusals.COUNT;
            default -> "";
        };
    }

    private static ServerProfile gunicornProfile(int threads, Options options) {
        String workerClass = options.text(WORKER_CLASS, threads > 1 ? "gthread" : "sync");
        int keepalive = options.whole("keepalive", 30);
        int connections = options.whole("worker-connections", 1000);
        ServerProfile.Builder gunicorn =
                ServerProfile.http("gunicorn", threads).tellsStacks().sharesSocket();
        return switch (workerClass) {
            case "meinheld" ->
                LoopServers.likeMeinheld(gunicorn, keepalive)
                        .connections(connections)
                        .made();
            case "gevent" ->
                likeGunicorn(gunicorn, UnreadBody.DRAINED, Pipelining.BOTH)
                        .capacity(connections)
                        .idle(keepalive)
                        .made();
            default -> {
                // With more threads Gunicorn takes gthread for sync.
                boolean sync = threads == 1 && workerClass.equals("sync");
                yield likeGunicorn(gunicorn, UnreadBody.CLOSED, sync ? Pipelining.FIRST : Pipelining.BOTH)
                        .capacity(sync ? 1 : threads)
                        .queuesConnections(sync)
                        .idle(sync ? 0 : keepalive)
                        .made();
            }
        };
    }

    private static ServerProfile.Builder likeGunicorn(
            ServerProfile.Builder builder, UnreadBody unreadBody, Pipelining pipelining) {
        return builder.head(64 * 1024, 500)
                .conduct(
                        HeadBody.STRIPPED,
                        ChunkedUpload.WHOLE,
                        Expectation.AT_ONCE,
                        unreadBody,
                        pipelining,
                        Streaming.AS_GIVEN,
                        StopInFlight.ANSWERED);
    }

    /** One selector before the threads; a new connection goes to a thread at once, a kept one only with its next request. */
    private static ServerKind cheroot() {
        return ServerKind.named("cheroot")
                .pip("cheroot")
                .threads(10)
                .passes(OptionKind.SECONDS, "timeout", "expiration-interval")
                .refuses(Refusals.LISTENING, "bind-addr", "request-queue-size", "reuse-port")
                .refuses(
                        Refusals.THREADS,
                        "numthreads",
                        "max",
                        "minthreads",
                        "maxthreads",
                        "accepted-queue-size",
                        "accepted-queue-timeout")
                .refuses(Refusals.IDENTITY, "server-name", "peercreds-enabled", "peercreds-resolve-enabled")
                .refuses(Refusals.HEADS, "max-request-header-size")
                .refuses(Refusals.BODIES, "max-request-body-size")
                .refuses(Refusals.CONNECTIONS, "keep-alive-conn-limit")
                .refuses("set 'stop-timeout' instead", "shutdown-timeout")
                .profile((threads, options) -> ServerProfile.http("cheroot", threads)
                        .capacity(threads)
                        .idle(options.seconds("timeout", 120))
                        .connections(threads + 16)
                        .head(Integer.MAX_VALUE, Integer.MAX_VALUE)
                        .tellsStacks()
                        .sharesSocket()
                        .conduct(
                                HeadBody.SENT,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }

    /** A connection has its thread as long as it is open: there are never more of them than threads. */
    private static ServerKind cherrypy() {
        return ServerKind.named("cherrypy")
                .pip("cherrypy", "six")
                .installedBy("pip install cherrypy==8.9.1")
                .threads(10)
                .passes(OptionKind.SECONDS, "timeout")
                .refuses(Refusals.LISTENING, "bind-addr", "request-queue-size")
                .refuses(Refusals.THREADS, "numthreads", "max", "accepted-queue-size", "accepted-queue-timeout")
                .refuses(Refusals.IDENTITY, "server-name")
                .refuses(Refusals.HEADS, "max-request-header-size")
                .refuses(Refusals.BODIES, "max-request-body-size")
                .refuses("set 'stop-timeout' instead", "shutdown-timeout")
                .profile((threads, options) -> ServerProfile.http("cherrypy", threads)
                        .capacity(threads)
                        .idle(options.seconds("timeout", 120))
                        .connections(threads)
                        .busyWith(EACH_WITH_ITS_OWN)
                        .head(Integer.MAX_VALUE, Integer.MAX_VALUE)
                        .tellsStacks()
                        .sharesSocket()
                        .conduct(
                                HeadBody.SENT,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }
}
