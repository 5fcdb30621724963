package terpan.server;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Gunicorn, one worker under its own master: class {@code sync} with one thread (keeps no connection; after an answer it
 * waits for the peer to close), {@code gthread} with more (a silent connection holds a thread, an idle kept one does not).
 */
final class Gunicorn implements ServerKind {
    private static final int KEEPALIVE_SECONDS = 30;
    private static final int MARGIN_SECONDS = 2;

    @Override
    public String name() {
        return "gunicorn";
    }

    @Override
    public int threadsDefault() {
        return 1;
    }

    @Override
    public String installHint() {
        return "pip install gunicorn";
    }

    @Override
    public OptionRules options() {
        return new OptionRules(
                Set.of("worker-class", "keepalive", "loglevel", "worker-tmp-dir", "worker-connections"),
                Map.ofEntries(
                        Map.entry("bind", Refusals.LISTENING),
                        Map.entry("backlog", Refusals.LISTENING),
                        Map.entry("reuse-port", Refusals.LISTENING),
                        Map.entry("workers", "set 'workers.count' instead"),
                        Map.entry("threads", Refusals.THREADS),
                        Map.entry("daemon", Refusals.PROCESSES),
                        Map.entry("pidfile", Refusals.PROCESSES),
                        Map.entry("reload", Refusals.PROCESSES),
                        Map.entry("preload-app", Refusals.PROCESSES),
                        Map.entry("max-requests", Refusals.PROCESSES),
                        Map.entry("max-requests-jitter", Refusals.PROCESSES),
                        Map.entry("user", "set 'user' instead"),
                        Map.entry("group", "set 'group' instead"),
                        Map.entry("chdir", "set 'chdir' instead"),
                        Map.entry("timeout", "deadlines are the front's: set 'answer-idle' instead"),
                        Map.entry("graceful-timeout", "set 'stop-timeout' instead"),
                        Map.entry("forwarded-allow-ips", Refusals.IDENTITY),
                        Map.entry("proxy-protocol", Refusals.IDENTITY),
                        Map.entry("control-socket", Refusals.LISTENING),
                        Map.entry("limit-request-line", Refusals.HEADS),
                        Map.entry("limit-request-fields", Refusals.HEADS),
                        Map.entry("limit-request-field-size", Refusals.HEADS)));
    }

    @Override
    public ServerProfile profile(int threads, Map<String, String> options) {
        String workerClass = options.getOrDefault(
                "worker-class", options.getOrDefault("worker_class", threads > 1 ? "gthread" : "sync"));
        boolean sync = threads == 1 && workerClass.equals("sync"); // with more threads Gunicorn takes gthread for sync
        int idle = Refusals.seconds(options, "keepalive", KEEPALIVE_SECONDS);
        int capacity = sync ? 1 : threads;
        return new ServerProfile(
                name(),
                Protocol.HTTP,
                threads,
                capacity,
                false,
                false,
                sync ? Duration.ZERO : Duration.ofSeconds(Math.max(0, idle - MARGIN_SECONDS)),
                capacity,
                64 * 1024,
                500,
                PoliteSignal.TERM,
                false);
    }
}
