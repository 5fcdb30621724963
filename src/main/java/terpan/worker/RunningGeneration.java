package terpan.worker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A generation from the start of its first worker until the last has ended: its workers come and go, its settings stay. Changed by the
 * supervisor's thread alone; the roster's list is for any.
 */
final class RunningGeneration {
    private final Generation generation;
    private final Consumer<RunningGeneration> failed;
    private final Roster roster = new Roster();
    private final Set<String> groupsEverReady = new HashSet<>();
    private boolean ending;

    /**
     * One of which nothing has been started.
     *
     * @param failed is told once it cannot be started at all, after the observer was told why
     */
    RunningGeneration(Generation generation, Consumer<RunningGeneration> failed) {
        this.generation = generation;
        this.failed = failed;
    }

    /**
     * Starts its workers.
     *
     * @param before how many workers there are in other generations: numbers go on from there
     */
    void start(WorkerServices services, int before) {
        List<WorkerHandle> all = new ArrayList<>();
        for (WorkerPlan plan : generation.plans()) {
            RunningGroup group = RunningGroup.begin(
                    generation.number(), plan, services, failure -> failedFirst(plan, failure, services.observer()));
            for (int number = 1; number <= plan.workers().count(); number++) {
                all.add(new WorkerHandle(before + all.size() + 1, number, group));
            }
        }
        roster.begin(all);
        all.forEach(handle -> handle.start("the first start"));
    }

    Roster roster() {
        return roster;
    }

    /** Its workers' handles now; from any thread. */
    List<WorkerHandle> handles() {
        return roster.all();
    }

    /** A worker is ready: its group has shown that it can be started. */
    void ready(WorkerHandle handle) {
        groupsEverReady.add(handle.plan().group().name());
    }

    /** A worker failed for a reason that starting again can not mend: only fatal while none of its group was ever ready. */
    private void failedFirst(WorkerPlan plan, StartFailure failure, WorkerObserver observer) {
        if (!ending && !groupsEverReady.contains(plan.group().name())) {
            observer.onStartFailed(failure);
            failed.accept(this);
        }
    }

    /** No worker of it is started any more. */
    void ends() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /** Ends its workers at once. */
    void stopNow() {
        ends();
        handles().forEach(WorkerHandle::stopNow);
    }
}
