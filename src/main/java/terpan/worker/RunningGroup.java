package terpan.worker;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What all handles of a group's workers share.
 *
 * @param shared the socket that they accept on together, if they do
 * @param failedFirst is told when a worker failed before any worker was ever ready, in a way that starting again can not mend
 */
record RunningGroup(
        WorkerPlan plan,
        Optional<SharedSocket> shared,
        Spawner spawner,
        Guard guard,
        WorkerObserver observer,
        Consumer<Message> mailbox,
        LongSupplier nanoTime,
        InstantSource clock,
        Backoff backoff,
        int generation,
        Consumer<StartFailure> failedFirst) {
    static RunningGroup of(
            WorkerPlan plan,
            Spawner spawner,
            GuardWatch post,
            WorkerObserver observer,
            Consumer<Message> mailbox,
            LongSupplier nanoTime,
            InstantSource clock,
            Consumer<StartFailure> failedFirst) {
        Backoff backoff =
                new Backoff(plan.workers().backoffFirst(), plan.workers().backoffMost());
        return new RunningGroup(
                plan,
                post.share(plan),
                spawner,
                post.guard(),
                observer,
                mailbox,
                nanoTime,
                clock,
                backoff,
                1,
                failedFirst);
    }
}
