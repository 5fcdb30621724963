package terpan.worker;

import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What all worker handles share.
 *
 * @param failedFirst is told when a worker failed before any worker was ever ready, in a way that starting again can not mend
 */
record Crew(
        WorkerPlan plan,
        Spawner spawner,
        Guard guard,
        WorkerObserver observer,
        Consumer<Message> mailbox,
        LongSupplier nanoTime,
        InstantSource clock,
        Backoff backoff,
        int generation,
        Consumer<StartFailure> failedFirst) {}
