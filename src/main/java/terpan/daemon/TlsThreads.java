package terpan.daemon;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The few threads that compute TLS handshakes, half as many as there are processors, so that the event loops go on beside them. Each
 * connection has one task at most, and connections are bounded.
 */
final class TlsThreads implements Executor, AutoCloseable {
    private static final int MOST = 8;

    private final AtomicInteger numbers = new AtomicInteger();
    private final ThreadPoolExecutor pool;

    TlsThreads(int processors) {
        int threads = Math.clamp(processors / 2, 1, MOST);
        pool = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
        pool.prestartAllCoreThreads();
    }

    private Thread thread(Runnable task) {
        return Thread.ofPlatform()
                .name("terpan-tls-" + numbers.getAndIncrement())
                .daemon()
                .unstarted(task);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
