package terpan.loop;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tasks for a loop from any thread; run on the loop's. One wake-up serves all tasks that came before the loop looked. */
final class TaskQueue {
    private static final Logger LOG = LoggerFactory.getLogger(TaskQueue.class);
    private static final int TASKS_A_TURN = 4096;

    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean announced = new AtomicBoolean();

    /** True when the loop has to be woken for it. */
    boolean add(Runnable task) {
        tasks.add(task);
        return announced.compareAndSet(false, true);
    }

    /** Whether there are tasks; later ones are announced again. */
    boolean waiting() {
        announced.set(false);
        return !tasks.isEmpty();
    }

    void run() {
        for (int i = 0; i < TASKS_A_TURN; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException fault) {
                LOG.atError().setCause(fault).log("a task of the loop failed");
            }
        }
    }
}
