package terpan.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A worker that handles one request at a time, in the order in which they come; requests and answers take a while to travel. */
final class PretendWorker {
    private static final long TRAVEL = 30 * VirtualTime.MICROSECOND;
    private static final long TICK = 2 * VirtualTime.MILLISECOND;

    final String name;
    private final VirtualTime time;
    private final int slowness;
    private final boolean givesBack;
    private final Queue<Job> waiting = new ArrayDeque<>();
    private @Nullable Job running;
    private boolean hanging;
    private boolean dead;

    /**
     * Makes a worker.
     *
     * @param slowness how many times longer than it should a handler takes here
     * @param givesBack whether it sends back what waits behind a handler for a tick
     */
    PretendWorker(String name, VirtualTime time, int slowness, boolean givesBack) {
        this.name = name;
        this.time = time;
        this.slowness = slowness;
        this.givesBack = givesBack;
    }

    boolean givesBack() {
        return givesBack;
    }

    void take(Job job) {
        time.after(TRAVEL, () -> {
            if (dead) {
                job.lost();
            } else {
                waiting.add(job);
                next();
            }
        });
    }

    /** From now on nothing comes back. */
    void hang() {
        hanging = true;
    }

    void die() {
        dead = true;
        List<Job> held = new ArrayList<>(waiting);
        if (running != null) {
            held.add(running);
        }
        waiting.clear();
        running = null;
        held.forEach(Job::lost);
    }

    private void next() {
        if (running != null || hanging) {
            return;
        }
        Job job = waiting.poll();
        if (job != null) {
            running = job;
            time.after(job.service() * slowness, () -> finish(job));
            if (givesBack) {
                time.after(TICK, () -> tick(job));
            }
        }
    }

    private void finish(Job job) {
        if (running == job && !hanging) {
            running = null;
            time.after(TRAVEL, job::answered);
            next();
        }
    }

    private void tick(Job job) {
        if (running == job) {
            List<Job> unstarted = new ArrayList<>(waiting);
            waiting.clear();
            unstarted.forEach(each -> time.after(TRAVEL, each::returned));
            time.after(TICK, () -> tick(job));
        }
    }
}
