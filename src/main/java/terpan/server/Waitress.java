package terpan.server;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Waitress: a pool of threads behind one asynchronous reader. Idle connections hold no thread; a request that finds all
 * threads busy waits inside, where no other worker can take it: the window stays at the capacity.
 */
final class Waitress implements ServerKind {
    private static final int CHANNEL_TIMEOUT_SECONDS = 120;
    private static final int MARGIN_SECONDS = 2;
    private static final int SPARE_CONNECTIONS = 16;

    @Override
    public String name() {
        return "waitress";
    }

    @Override
    public int threadsDefault() {
        return 4;
    }

    @Override
    public String installHint() {
        return "pip install waitress";
    }

    @Override
    public OptionRules options() {
        return new OptionRules(
                Set.of(
                        "channel-timeout",
                        "channel-request-lookahead",
                        "cleanup-interval",
                        "connection-limit",
                        "asyncore-use-poll",
                        "expose-tracebacks",
                        "ident",
                        "inbuf-overflow",
                        "log-socket-errors",
                        "log-untrusted-proxy-headers",
                        "outbuf-high-watermark",
                        "outbuf-overflow",
                        "recv-bytes",
                        "send-bytes"),
                Map.ofEntries(
                        Map.entry("host", Refusals.LISTENING),
                        Map.entry("port", Refusals.LISTENING),
                        Map.entry("listen", Refusals.LISTENING),
                        Map.entry("sockets", Refusals.LISTENING),
                        Map.entry("unix-socket", Refusals.LISTENING),
                        Map.entry("unix-socket-perms", Refusals.LISTENING),
                        Map.entry("backlog", Refusals.LISTENING),
                        Map.entry("threads", Refusals.THREADS),
                        Map.entry("url-prefix", "set 'prefix' instead"),
                        Map.entry("url-scheme", Refusals.IDENTITY),
                        Map.entry("trusted-proxy", Refusals.IDENTITY),
                        Map.entry("trusted-proxy-count", Refusals.IDENTITY),
                        Map.entry("trusted-proxy-headers", Refusals.IDENTITY),
                        Map.entry("clear-untrusted-proxy-headers", Refusals.IDENTITY),
                        Map.entry("max-request-body-size", "set 'max-body' instead"),
                        Map.entry("max-request-header-size", Refusals.HEADS)));
    }

    @Override
    public ServerProfile profile(int threads, Map<String, String> options) {
        int idle = Refusals.seconds(options, "channel-timeout", CHANNEL_TIMEOUT_SECONDS);
        return new ServerProfile(
                name(),
                Protocol.HTTP,
                threads,
                threads,
                false,
                false,
                Duration.ofSeconds(Math.max(0, idle - MARGIN_SECONDS)),
                threads + SPARE_CONNECTIONS,
                256 * 1024,
                Integer.MAX_VALUE,
                PoliteSignal.TERM,
                true);
    }
}
