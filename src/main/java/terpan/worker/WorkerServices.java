package terpan.worker;

import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the supervisor has for every worker that it starts, of whichever generation and group.
 *
 * @param mailbox the supervisor's
 * @param nanoTime monotonic nanoseconds
 */
record WorkerServices(
        Spawner spawner,
        GuardWatch guards,
        WorkerObserver observer,
        Consumer<Message> mailbox,
        LongSupplier nanoTime,
        InstantSource clock) {
    Guard guard() {
        return guards.guard();
    }
}
