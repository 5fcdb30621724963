package terpan.daemon;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few threads that send files to clients and open those of workers. All are there from the start: later there may be no more to be had.
 * A task that fails costs its thread nothing.
 */
final class DiskThreads implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskThreads.class);

    private final AtomicInteger numbers = new AtomicInteger();
    private final ThreadPoolExecutor pool;

    DiskThreads(int threads) {
        pool = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
        pool.prestartAllCoreThreads();
    }

    /** Named by hand: the JDK's own numbering is linked anew at every start. */
    private Thread thread(Runnable task) {
        return Thread.ofPlatform()
                .name("terpan-disk-" + numbers.getAndIncrement())
                .daemon()
                .unstarted(task);
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException fault) {
                LOG.atError().setCause(fault).log("work on a file failed");
            }
        });
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
