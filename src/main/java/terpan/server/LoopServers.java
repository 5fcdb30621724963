package terpan.server;

import java.util.List;
import terpan.server.Conduct.ChunkedUpload;
import terpan.server.Conduct.Expectation;
import terpan.server.Conduct.HeadBody;
import terpan.server.Conduct.Pipelining;
import terpan.server.Conduct.StopInFlight;
import terpan.server.Conduct.Streaming;
import terpan.server.Conduct.UnreadBody;

/** Servers with an event loop: one request at a time in C or Python, or many in greenlets. */
final class LoopServers {
    static final List<ServerKind> KINDS = List.of(gevent(), eventlet(), meinheld(), bjoern(), tornado());

    /** Requests in a worker of greenlets when the configuration says nothing; the launchers know it too. */
    private static final int POOL_SIZE = 1000;

    private static final String POOL = "set the server option 'pool-size' instead";
    private static final int HEAD_LINE_MOST = 64 * 1024;
    private static final int TORNADO_HEAD_MOST = 128 * 1024;

    /** http.client refuses the hundredth line of a head. */
    private static final int FIELDS_MOST = 99;

    /** They would keep one for ever; but what a burst has opened need not stay. */
    private static final int IDLE_SECONDS = 62;

    /** A connection holds a greenlet and no more. */
    private static final int CONNECTIONS_MOST = 65_536;

    private LoopServers() {}

    /** A greenlet for each connection; it never closes an idle one. */
    private static ServerKind gevent() {
        return ServerKind.named("gevent")
                .pip("gevent")
                .unthreaded(POOL)
                .passes(OptionKind.SWITCH, "patch")
                .passes(OptionKind.POSITIVE, "pool-size")
                .refuses(Refusals.LISTENING, "listener", "backlog")
                .refuses(POOL, "spawn")
                .refuses(Refusals.IDENTITY, "environ")
                .refuses(Refusals.LOGS, "log", "error-log")
                .refuses(Refusals.TLS, "keyfile", "certfile", "ssl-context")
                .profile((threads, options) ->
                        greenlets("gevent", threads, options).idle(IDLE_SECONDS).made());
    }

    /** The same shape; closes an idle connection only if told to. */
    private static ServerKind eventlet() {
        return ServerKind.named("eventlet")
                .pip("eventlet")
                .unthreaded(POOL)
                .passes(OptionKind.SWITCH, "patch")
                .passes(OptionKind.POSITIVE, "pool-size", "minimum-chunk-size")
                .passes(OptionKind.SECONDS, "keepalive")
                .refuses(Refusals.LISTENING, "sock", "backlog")
                .refuses(POOL, "max-size", "custom-pool")
                .refuses(Refusals.IDENTITY, "environ")
                .refuses(Refusals.LOGS, "log", "log-output", "log-format", "log-x-forwarded-for")
                .refuses(Refusals.HEADS, "url-length-limit")
                .refuses(Refusals.DEADLINES, "socket-timeout")
                .refuses("the front speaks HTTP/1.1 with its workers", "protocol", "max-http-version")
                .refuses(Refusals.TRACEBACKS, "debug")
                .profile((threads, options) -> greenlets("eventlet", threads, options)
                        .idle(options.seconds("keepalive", IDLE_SECONDS))
                        .tunnels(true)
                        .made());
    }

    /**
     * One thread: one request at a time on its event loop, and what waits for that one waits in a socket. More: as many as threads,
     * behind which requests would wait where no other worker can take them.
     */
    private static ServerKind tornado() {
        return ServerKind.named("tornado")
                .pip("tornado")
                .passes(OptionKind.POSITIVE, "chunk-size", "idle-connection-timeout")
                .refuses(Refusals.LISTENING, "address", "backlog", "reuse-port")
                .refuses(Refusals.THREADS, "executor")
                .refuses(Refusals.IDENTITY, "xheaders", "trusted-downstream", "protocol")
                .refuses(Refusals.HEADS, "max-header-size")
                .refuses(Refusals.BODIES, "max-body-size", "max-buffer-size")
                .refuses(Refusals.DEADLINES, "body-timeout")
                .refuses(Refusals.TLS, "ssl-options")
                .profile(LoopServers::tornadoProfile);
    }

    private static ServerProfile tornadoProfile(int threads, Options options) {
        return ServerProfile.http("tornado", threads)
                .capacity(threads)
                .mayDeepen(threads == 1)
                .idle(options.whole("idle-connection-timeout", IDLE_SECONDS))
                .connections(CONNECTIONS_MOST)
                .head(TORNADO_HEAD_MOST, Integer.MAX_VALUE)
                .tellsStacks()
                .sharesSocket()
                .losesKept(true)
                .conduct(
                        HeadBody.STRIPPED,
                        ChunkedUpload.WHOLE,
                        Expectation.AT_ONCE,
                        UnreadBody.DRAINED,
                        Pipelining.BOTH,
                        Streaming.AS_GIVEN,
                        StopInFlight.ANSWERED)
                .made();
    }

    private static ServerProfile.Builder greenlets(String name, int threads, Options options) {
        return ServerProfile.http(name, threads)
                .capacity(options.whole("pool-size", POOL_SIZE))
                .connections(CONNECTIONS_MOST)
                .head(HEAD_LINE_MOST, FIELDS_MOST)
                .tellsStacks()
                .sharesSocket()
                .conduct(
                        HeadBody.SENT,
                        ChunkedUpload.WHOLE,
                        Expectation.WHEN_READ,
                        UnreadBody.DRAINED,
                        Pipelining.BOTH,
                        Streaming.AS_GIVEN,
                        StopInFlight.ANSWERED);
    }

    /** One request at a time; what has come meanwhile waits in its own connection and disturbs nothing. */
    private static ServerKind meinheld() {
        return ServerKind.named("meinheld")
                .pip("meinheld", "greenlet")
                .installedBy("pip install greenlet && pip install --no-deps meinheld")
                .unthreaded(Refusals.COUNT)
                .passes(OptionKind.POSITIVE, "keepalive", "client-body-buffer-size")
                .refuses(Refusals.LISTENING, "listen", "backlog", "socket-fd")
                .refuses(Refusals.BODIES, "max-content-length")
                .refuses(Refusals.LOGS, "access-logger", "error-logger")
                .refuses(Refusals.CONNECTIONS, "picoev-max-fd")
                .profile((threads, options) -> likeMeinheld(
                                ServerProfile.http("meinheld", threads), options.whole("keepalive", 30))
                        .connections(1000)
                        .tellsStacks()
                        .sharesSocket()
                        .made());
    }

    /** Alone or as Gunicorn's worker. Its timers end at a minute. */
    static ServerProfile.Builder likeMeinheld(ServerProfile.Builder builder, int keepalive) {
        return builder.mayDeepen()
                .idle(Math.min(60, keepalive))
                .head(64 * 1024, 100)
                .losesKept(true)
                .conduct(
                        HeadBody.SENT,
                        ChunkedUpload.WHOLE,
                        Expectation.AFTER_BODY,
                        UnreadBody.DRAINED,
                        Pipelining.BOTH,
                        Streaming.AS_GIVEN,
                        StopInFlight.ANSWERED);
    }

    /** As Meinheld; it never lets an idle connection go, and ends at INT only when all are closed. */
    private static ServerKind bjoern() {
        return ServerKind.named("bjoern")
                .pip("bjoern")
                .installedBy("apt-get install libev-dev gcc python3-dev && pip install bjoern")
                .unthreaded(Refusals.COUNT)
                .refuses(Refusals.LISTENING, "host", "port", "reuse-port", "listen-backlog")
                .refuses(Refusals.METRICS, "statsd")
                .profile((threads, options) -> ServerProfile.http("bjoern", threads)
                        .mayDeepen()
                        .idle(3600)
                        .connections(1000)
                        .head(60 * 1024, Integer.MAX_VALUE)
                        .polite(PoliteSignal.INT)
                        .losesKept(true)
                        .tellsStacks()
                        .sharesSocket()
                        .conduct(
                                HeadBody.SENT,
                                ChunkedUpload.WHOLE,
                                Expectation.AT_ONCE,
                                UnreadBody.DRAINED,
                                Pipelining.WRONG,
                                Streaming.AS_GIVEN,
                                StopInFlight.ANSWERED)
                        .made());
    }
}
