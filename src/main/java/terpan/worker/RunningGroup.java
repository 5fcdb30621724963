package terpan.worker;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the handles of one group's workers share, for as long as their generation runs.
 *
 * @param generation the generation's number
 * @param shared the socket that they accept on together, if they do
 * @param parent forks its workers; empty: each is a process that we start
 * @param failedFirst is told of a failure that starting again can not mend; it ends the generation unless one of the group was ready before
 */
record RunningGroup(
        int generation,
        WorkerPlan plan,
        Optional<SharedSocket> shared,
        Optional<ForkParent> parent,
        Backoff backoff,
        WorkerServices services,
        Consumer<StartFailure> failedFirst) {
    static RunningGroup begin(
            int generation, WorkerPlan plan, WorkerServices services, Consumer<StartFailure> failedFirst) {
        Backoff backoff =
                new Backoff(plan.workers().backoffFirst(), plan.workers().backoffMost());
        Optional<ForkParent> parent =
                plan.workers().preload() ? Optional.of(new ForkParent(plan, services)) : Optional.empty();
        return new RunningGroup(
                generation, plan, services.guards().share(plan), parent, backoff, services, failedFirst);
    }

    Spawner spawner() {
        return services.spawner();
    }

    Guard guard() {
        return services.guard();
    }

    WorkerObserver observer() {
        return services.observer();
    }

    Consumer<Message> mailbox() {
        return services.mailbox();
    }

    LongSupplier nanoTime() {
        return services.nanoTime();
    }

    InstantSource clock() {
        return services.clock();
    }
}
