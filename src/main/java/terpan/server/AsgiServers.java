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
 * Servers that run ASGI applications besides WSGI ones. A WSGI application gets {@code workers.threads} threads, each of which works
 * on one request; an ASGI application gets one event loop, which works on as many as the option {@code concurrency} says.
 */
final class AsgiServers {
    /** Each holds a connection and what the application keeps of it; more of them wait better in the front, where any worker can take them. */
    private static final int CONCURRENCY = 256;

    private static final String CONCURRENCY_INSTEAD = "set the option 'concurrency' instead";
    private static final int SPARE_CONNECTIONS = 16;
    private static final int KEEP_IDLE_SECONDS = 120;

    static final List<ServerKind> KINDS = List.of(uvicorn(), hypercorn(), granian());

    private AsgiServers() {}

    private static int capacity(int threads, Options options) {
        return options.asgi() ? Math.max(1, options.whole("concurrency", CONCURRENCY)) : threads;
    }

    /** Granian without our bridge. */
    private static boolean ownWsgi(Options options) {
        return options.text("native", "").equals("true");
    }

    /** Options by which these servers would do what is Terpan's, under the names that they share. */
    private static ServerKind.Declaration common(ServerKind.Declaration declaration) {
        return declaration
                .runsAsgi()
                .threads(4)
                .passes(OptionKind.POSITIVE, "concurrency")
                .refuses(Refusals.LISTENING, "host", "port", "uds", "fd", "backlog", "umask")
                .refuses(Refusals.PROCESSES, "pid", "reload", "max-requests", "limit-max-requests")
                .refuses(Refusals.IDENTITY, "proxy-headers", "forwarded-allow-ips")
                .refuses("set 'prefix' instead", "root-path", "url-path-prefix")
                .refuses("set 'application.interface' instead", "interface")
                .refuses("write the application as MODULE:FACTORY() instead", "factory")
                .refuses("set 'chdir' instead", "app-dir", "working-dir")
                .refuses("set 'env-file' instead", "env-file")
                .refuses("set 'user' instead", "user")
                .refuses("set 'group' instead", "group")
                .refuses(
                        Refusals.TLS,
                        "ssl-keyfile",
                        "ssl-certfile",
                        "ssl-keyfile-password",
                        "ssl-version",
                        "ssl-cert-reqs",
                        "ssl-ca-certs",
                        "ssl-ciphers",
                        "certfile",
                        "keyfile",
                        "ca-certs",
                        "ciphers")
                .refuses(Refusals.LOGS, "access-log", "access-logfile", "access-logformat");
    }

    /** One event loop; its WSGI side is our own bridge to threads. */
    private static ServerKind uvicorn() {
        return common(ServerKind.named("uvicorn").pip("uvicorn"))
                .passes(OptionKind.oneOf("auto", "h11", "httptools"), "http")
                .passes(OptionKind.oneOf("auto", "off"), "lifespan")
                .passes(OptionKind.oneOf("trace", "debug", "info", "warning", "error", "critical"), "log-level")
                .passes(OptionKind.oneOf("auto", "asyncio", "uvloop"), "loop")
                .passes("log-config")
                .passes(OptionKind.SWITCH, "date-header", "server-header")
                .passes(OptionKind.WHOLE, "timeout-keep-alive")
                .refuses("set 'stop-timeout' instead", "timeout-graceful-shutdown")
                .refuses(CONCURRENCY_INSTEAD, "limit-concurrency")
                .refuses(Refusals.HEADS, "h11-max-incomplete-event-size")
                .passes(OptionKind.oneOf("auto", "none", "websockets", "websockets-sansio", "wsproto"), "ws")
                .passes(OptionKind.POSITIVE, "ws-max-size", "ws-max-queue")
                .passes(OptionKind.SECONDS, "ws-ping-interval", "ws-ping-timeout")
                .passes(OptionKind.SWITCH, "ws-per-message-deflate")
                .refuses(Refusals.PROTOCOL, "http2")
                .refuses(Refusals.OUTPUT, "use-colors")
                .refuses(Refusals.PROCESSES, "reload-dir", "limit-max-requests-jitter")
                .profile((threads, options) -> ServerProfile.http("uvicorn", threads)
                        .capacity(capacity(threads, options))
                        .idle(options.whole("timeout-keep-alive", KEEP_IDLE_SECONDS))
                        .connections(capacity(threads, options) + SPARE_CONNECTIONS)
                        .head(64 * 1024, Integer.MAX_VALUE)
                        .tellsStacks()
                        .sharesSocket()
                        .hearsLeaving(options.asgi())
                        .tunnels(options.asgi())
                        .tellsEnd(true)
                        .conduct(
                                HeadBody.STRIPPED,
                                ChunkedUpload.WHOLE,
                                options.asgi() ? Expectation.WHEN_READ : Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }

    /** One event loop in the launcher's own process; its WSGI side is our own bridge to threads. */
    private static ServerKind hypercorn() {
        return common(ServerKind.named("hypercorn").pip("hypercorn"))
                .passes(OptionKind.LOG_LEVEL, "loglevel")
                .passes(OptionKind.oneOf("asyncio", "uvloop"), "worker-class")
                .passes("logconfig")
                .passes(OptionKind.SWITCH, "include-date-header", "include-server-header")
                .passes(OptionKind.WHOLE, "keep-alive-timeout")
                .passes(OptionKind.POSITIVE, "max-app-queue-size")
                .refuses(Refusals.LISTENING, "insecure-bind", "quic-bind")
                .refuses("set 'stop-timeout' instead", "graceful-timeout", "shutdown-timeout")
                .refuses("set 'start-timeout' instead", "startup-timeout")
                .refuses(
                        Refusals.PROCESSES,
                        "pid-path",
                        "use-reloader",
                        "max-requests-jitter",
                        "keep-alive-max-requests")
                .refuses(Refusals.DEADLINES, "read-timeout")
                .refuses(Refusals.IDENTITY, "server-names")
                .refuses(Refusals.METRICS, "statsd-host", "statsd-prefix")
                .refuses(Refusals.FILES, "config")
                .refuses(Refusals.HEADS, "h11-max-incomplete-size")
                .refuses(Refusals.BODIES, "wsgi-max-body-size")
                .refuses(Refusals.LOGS, "accesslog", "access-log-format", "errorlog")
                .profile((threads, options) -> ServerProfile.http("hypercorn", threads)
                        .capacity(capacity(threads, options))
                        .idle(options.whole("keep-alive-timeout", KEEP_IDLE_SECONDS))
                        .connections(capacity(threads, options) + SPARE_CONNECTIONS)
                        .head(64 * 1024, Integer.MAX_VALUE)
                        .tellsStacks()
                        .sharesSocket()
                        .hearsLeaving(options.asgi())
                        .tunnels(options.asgi())
                        .tellsEnd(true)
                        .conduct(
                                HeadBody.STRIPPED,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.CLOSED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }

    /** A master and one worker, whose connections are Rust's; its WSGI side is our own bridge to threads, unless {@code native}. */
    private static ServerKind granian() {
        return common(ServerKind.named("granian").pip("granian"))
                .passes(OptionKind.oneOf("debug", "info", "warning", "error", "critical", "notset"), "log-level")
                .passes(OptionKind.oneOf("auto", "asyncio", "rloop", "uvloop"), "loop")
                .passes(OptionKind.oneOf("auto", "mt", "st"), "runtime-mode")
                .passes(OptionKind.SWITCH, "native")
                .passes(
                        OptionKind.POSITIVE,
                        "backpressure",
                        "blocking-threads-idle-timeout",
                        "runtime-blocking-threads",
                        "runtime-threads")
                .refuses(Refusals.LISTENING, "uds-permissions", "address")
                .refuses(Refusals.THREADS, "blocking-threads")
                .refuses(Refusals.HEADS, "http1-buffer-size", "http1-max-buffer-size", "http1-header-read-timeout")
                .refuses(
                        Refusals.PROCESSES,
                        "pid-file",
                        "respawn-failed-workers",
                        "respawn-interval",
                        "workers-lifetime",
                        "workers-max-rss",
                        "process-name")
                .refuses("set 'stop-timeout' instead", "workers-kill-timeout")
                .refuses(
                        "WebSocket is spoken with ASGI applications, and the front refuses what it does not let through",
                        "ws")
                .refuses(Refusals.PROTOCOL, "http")
                .refuses(Refusals.METRICS, "metrics", "metrics-address", "metrics-port", "metrics-scrape-interval")
                .refuses(Refusals.LOGS, "access-log-fmt")
                .profile((threads, options) -> ServerProfile.http("granian", threads)
                        .capacity(capacity(threads, options))
                        .idle(KEEP_IDLE_SECONDS)
                        .connections(capacity(threads, options) + SPARE_CONNECTIONS)
                        .head(256 * 1024, 100)
                        .tellsStacks()
                        .sharesSocket()
                        .hearsLeaving(options.asgi())
                        .tunnels(options.asgi())
                        .tellsEnd(!ownWsgi(options))
                        .losesKept(ownWsgi(options)) // at once after an answer that left even a short body unread
                        .conduct(
                                HeadBody.STRIPPED,
                                ChunkedUpload.WHOLE,
                                options.asgi() || ownWsgi(options) ? Expectation.WHEN_READ : Expectation.AT_ONCE,
                                ownWsgi(options) ? UnreadBody.CLOSED : UnreadBody.DRAINED,
                                Pipelining.BOTH,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }
}
