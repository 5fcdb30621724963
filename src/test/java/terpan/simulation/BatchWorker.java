package terpan.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker that takes requests by frames and answers by frames, as the built-in one does: finished answers leave together,
 * before the next handler once the oldest is 1 ms old, and what has waited behind one handler for 2 ms is given back.
 */
final class BatchWorker {
    private static final long PER_FRAME = 15 * VirtualTime.MICROSECOND;
    private static final long FLUSH = VirtualTime.MILLISECOND;
    private static final long TICK = 2 * VirtualTime.MILLISECOND;

    private final VirtualTime time;
    private final Consumer<List<Job>> answers;
    private final Queue<Job> waiting = new ArrayDeque<>();
    private List<Job> finished = new ArrayList<>();
    private long oldestFinished;
    private @Nullable Job running;
    private boolean reading;
    private long pausedUntil;

    /** Makes a worker; {@code answers} takes each frame of answers. */
    BatchWorker(VirtualTime time, Consumer<List<Job>> answers) {
        this.time = time;
        this.answers = answers;
    }

    void take(List<Job> frame) {
        waiting.addAll(frame);
        if (running == null && !reading) {
            reading = true;
            time.at(Math.max(time.now(), pausedUntil) + PER_FRAME, () -> {
                reading = false;
                next();
            });
        }
    }

    /** The system gives the processor to others for a while: what would end in that time ends later. */
    void pause(long nanos) {
        pausedUntil = Math.max(pausedUntil, time.now() + nanos);
    }

    private void next() {
        Job job = waiting.poll();
        if (job == null || (!finished.isEmpty() && time.now() - oldestFinished > FLUSH)) {
            flush();
        }
        if (job != null) {
            running = job;
            time.after(job.service(), () -> finish(job));
            if (job.service() > TICK) {
                time.after(TICK, this::giveBack);
            }
        }
    }

    private void finish(Job job) {
        if (time.now() < pausedUntil) {
            time.at(pausedUntil, () -> finish(job));
            return;
        }
        if (finished.isEmpty()) {
            oldestFinished = time.now();
        }
        finished.add(job);
        running = null;
        next();
    }

    private void flush() {
        if (!finished.isEmpty()) {
            answers.accept(finished);
            finished = new ArrayList<>();
        }
    }

    private void giveBack() {
        flush();
        List<Job> unstarted = new ArrayList<>(waiting);
        waiting.clear();
        unstarted.forEach(Job::returned);
    }
}
