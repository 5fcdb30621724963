package terpan.sampler;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import terpan.picture.Front;

/**
 * Watches Terpan's own process, as Linux tells of it in {@code /proc} (proc(5)): once a second the event loops' processor time and how long a task waits
 * for its turn; the rest when somebody asks. Nothing of it runs in an event loop but that task. Thread-safe.
 */
public final class FrontWatch implements Supplier<Front> {
    private static final Path SELF = Path.of("/proc/self");
    private static final String LOOP = "terpan-io-";
    private static final int LOOKS = 10;
    private static final double NANOS = 1e9;

    /** Counting the descriptors of a front with ten thousand clients takes some milliseconds: others that ask soon have the same. */
    private static final long FRESH_NANOS = 2_000_000_000L;

    private final long filesMost;
    private final LongSupplier nanoTime;
    private final List<Watched> loops = new ArrayList<>();
    private Front known = Front.NONE;
    private long knownAt;

    /** One loop; guarded by the watch, but for the task, which the loop does. */
    private static final class Watched {
        final int index;
        final Executor loop;

        /** The folder of its thread; null: not found yet. */
        @Nullable
        Path thread;

        final Deque<long[]> looks = new ArrayDeque<>();
        final Deque<Long> lags = new ArrayDeque<>();
        long worked;
        long waited;
        private long asked;
        private boolean answered = true;
        private long lag;

        Watched(int index, Executor loop) {
            this.index = index;
            this.loop = loop;
        }

        void looked(long now, ProcessorTime.Scheduled times) {
            worked = times.worked();
            waited = times.waited();
            looks.addLast(new long[] {now, worked, waited});
        }

        synchronized boolean ask(long now) {
            if (!answered) {
                return false;
            }
            asked = now;
            answered = false;
            return true;
        }

        synchronized void answer(long now) {
            lag = now - asked;
            answered = true;
        }

        /** Nanoseconds that the last task waited, or has waited until now. */
        synchronized long lag(long now) {
            return answered ? lag : now - asked;
        }
    }

    /**
     * Knows nothing yet.
     *
     * @param filesMost the limit of open descriptors
     * @param loops each takes a task and does it in a turn of its own
     */
    public FrontWatch(long filesMost, List<? extends Executor> loops, LongSupplier nanoTime) {
        this.filesMost = filesMost;
        this.nanoTime = nanoTime;
        for (Executor loop : loops) {
            this.loops.add(new Watched(this.loops.size(), loop));
        }
    }

    /** To be called once a second, by a thread that may wait for a file. */
    public synchronized void look() {
        long now = nanoTime.getAsLong();
        if (loops.stream().anyMatch(one -> one.thread == null)) {
            find();
        }
        for (Watched one : loops) {
            Optional.ofNullable(one.thread)
                    .flatMap(ProcessorTime.Scheduled::of)
                    .ifPresent(times -> one.looked(now, times));
            one.lags.addLast(one.lag(now));
            while (one.looks.size() > LOOKS + 1) {
                one.looks.removeFirst();
            }
            while (one.lags.size() > LOOKS) {
                one.lags.removeFirst();
            }
            if (one.ask(now)) {
                one.loop.execute(() -> one.answer(nanoTime.getAsLong()));
            }
        }
    }

    /** A thread's name is the only thing that Java and the kernel both know of it. */
    private void find() {
        for (Path thread : ProcessTree.threads(ProcessHandle.current().pid())) {
            String name = ProcessTree.text(thread.resolve("comm")).strip();
            loops.stream().filter(one -> name.equals(LOOP + one.index)).forEach(one -> one.thread = thread);
        }
    }

    @Override
    public synchronized Front get() {
        long now = nanoTime.getAsLong();
        if (known == Front.NONE || now - knownAt > FRESH_NANOS) {
            known = read(now);
            knownAt = now;
        }
        return known;
    }

    private Front read(long now) {
        Runtime java = Runtime.getRuntime();
        long pid = ProcessHandle.current().pid();
        return new Front(
                ProcessorTime.alone(pid),
                ResidentMemory.alone(pid),
                files(),
                filesMost,
                java.totalMemory() - java.freeMemory(),
                java.maxMemory(),
                loops.stream().map(one -> loop(one, now)).toList());
    }

    private static Front.Loop loop(Watched one, long now) {
        double busy = 0;
        double wanted = 0;
        if (one.looks.size() > 1) {
            long[] first = one.looks.getFirst();
            long[] last = one.looks.getLast();
            double elapsed = last[0] - first[0];
            busy = Math.clamp((last[1] - first[1]) / elapsed, 0, 1);
            wanted = Math.clamp((last[1] - first[1] + last[2] - first[2]) / elapsed, 0, 1);
        }
        long lag = one.lags.stream().mapToLong(Long::longValue).max().orElse(0);
        return new Front.Loop(
                one.index, one.worked / NANOS, one.waited / NANOS, busy, wanted, Math.max(lag, one.lag(now)) / NANOS);
    }

    private static long files() {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(SELF.resolve("fd"))) {
            long count = 0;
            for (Path ignored : open) {
                count++;
            }
            return count;
        } catch (IOException | DirectoryIteratorException notThere) {
            return 0;
        }
    }
}
