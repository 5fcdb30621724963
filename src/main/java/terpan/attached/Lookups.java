package terpan.attached;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks names up on a few threads of its own, which the system may hold for as long as it likes: there is no way to end a lookup. There
 * is one at a time for each worker.
 */
final class Lookups implements AutoCloseable {
    private static final int THREADS = 4;
    private static final Duration THREAD_IDLE = Duration.ofSeconds(10);

    private final ThreadPoolExecutor threads;

    Lookups() {
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                THREAD_IDLE.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("terpan-lookup-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** Has the JDK remember no answer: when a name is asked again is decided here. Before the first lookup, or without effect. */
    static void forgetAnswers() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    /** One of the two hears what came of it, on a thread of these. */
    void begin(String name, Consumer<List<InetAddress>> found, Consumer<String> notFound) {
        threads.execute(() -> {
            try {
                found.accept(List.of(InetAddress.getAllByName(name)));
            } catch (UnknownHostException unknown) {
                String said = String.valueOf(unknown.getMessage());
                String prefix = name + ": ";
                notFound.accept(said.startsWith(prefix) ? said.substring(prefix.length()) : said);
            }
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
