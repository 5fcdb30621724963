package terpan.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A generation from the start of its first worker until the last has ended: its workers come and go, its settings stay. Changed by the
 * supervisor's thread alone; the roster's list is for any.
 */
final class RunningGeneration implements Rollout.Fleet, InPlaceRollout.Fleet {
    private final Generation generation;
    private final WorkerServices services;
    private final Consumer<RunningGeneration> failed;
    private final Roster roster = new Roster();
    private final Set<String> groupsEverReady = new HashSet<>();
    private final List<RunningGroup> groups = new ArrayList<>();
    private final Set<WorkerHandle> dropped = new HashSet<>();
    private final Deque<String> retired = new ArrayDeque<>();
    private boolean ending;
    /** It has served before, and was kept. */
    private boolean served;
    /** Its workers take a share of the requests, and no more yet. */
    private boolean proving;

    /**
     * One of which nothing has been started.
     *
     * @param failed is told once it cannot be started at all, after the observer was told why
     */
    RunningGeneration(Generation generation, WorkerServices services, Consumer<RunningGeneration> failed) {
        this.generation = generation;
        this.services = services;
        this.failed = failed;
    }

    /** Makes its groups, of which no worker has been started. */
    void prepare() {
        for (WorkerPlan plan : generation.plans()) {
            groups.add(RunningGroup.begin(
                    generation.number(), plan, services, failure -> failedFirst(plan, failure, services.observer())));
        }
    }

    @Override
    public Optional<WorkerHandle> startNext() {
        return groups.stream()
                .filter(group -> present(group).size() < group.plan().workers().count())
                .findFirst()
                .map(group ->
                        grow(group.plan().group().name(), 1, Admission.HELD).getFirst());
    }

    @Override
    public Optional<WorkerHandle> retireNext() {
        Optional<WorkerHandle> last = handles().reversed().stream()
                .filter(handle -> !handle.isLeaving())
                .findFirst();
        last.ifPresent(handle -> {
            Duration most = handle.plan().workers().drainTimeout();
            retired.push(handle.plan().group().name());
            dropWhenEnded(handle);
            handle.stop(most, most, "it makes room");
        });
        return last;
    }

    @Override
    public Optional<WorkerHandle> restoreNext() {
        return retired.isEmpty()
                ? Optional.empty()
                : Optional.of(grow(retired.pop(), 1, Admission.WHEN_READY).getFirst());
    }

    @Override
    public int alive() {
        return (int) handles().stream().filter(handle -> !handle.isEnded()).count();
    }

    private List<WorkerHandle> present(RunningGroup group) {
        return handles().stream()
                .filter(handle -> handle.plan() == group.plan() && !handle.isLeaving())
                .toList();
    }

    /**
     * Starts its workers.
     *
     * @param before how many workers there are in other generations: numbers go on from there
     * @param admission whether they take requests as soon as they are ready, or are held back and have one try until they are admitted
     */
    void start(int before, Admission admission) {
        List<WorkerHandle> all = new ArrayList<>();
        for (RunningGroup group : groups) {
            for (int number = 1; number <= group.plan().workers().count(); number++) {
                all.add(new WorkerHandle(before + all.size() + 1, number, group, admission));
            }
        }
        roster.begin(all);
        all.forEach(handle -> handle.start("the first start"));
    }

    Generation generation() {
        return generation;
    }

    @Override
    public String name() {
        return "generation " + generation.number();
    }

    @Override
    public int workers() {
        // Of one that was kept those that can be had: it is what a person wants who leads back, and it may have been
        // scaled.
        return served
                ? (int) handles().stream().filter(WorkerHandle::mayBeReady).count()
                : generation.workers();
    }

    @Override
    public boolean hasServed() {
        return served;
    }

    @Override
    public boolean isToKeep() {
        return generation.application().keep().isPositive();
    }

    @Override
    public void park() {
        served = true;
        handles().forEach(WorkerHandle::park);
    }

    @Override
    public int ready() {
        return (int) handles().stream()
                .filter(handle -> handle.isReady() || handle.isParked())
                .count();
    }

    @Override
    public Optional<String> failure() {
        if (served && handles().stream().noneMatch(WorkerHandle::mayBeReady)) {
            return handles().stream()
                    .map(WorkerHandle::whyEnded)
                    .findFirst()
                    .or(() -> Optional.of("none of its workers is left"));
        }
        if (served) {
            return Optional.empty();
        }
        return handles().stream().filter(WorkerHandle::isEnded).findFirst().map(WorkerHandle::whyEnded);
    }

    @Override
    public CompletableFuture<Optional<String>> warm() {
        CompletableFuture<Optional<String>> all = CompletableFuture.completedFuture(Optional.empty());
        for (WorkerHandle handle : handles()) {
            all = all.thenCombine(handle.warm(), (one, other) -> one.or(() -> other));
        }
        return toldOf(all);
    }

    @Override
    public boolean isToProve() {
        return generation.application().prove().isPresent();
    }

    @Override
    public CompletableFuture<Proven> prove() {
        proving = true;
        CompletableFuture<Proven> result = services.observer().prove(generation);
        handles().forEach(WorkerHandle::prove);
        return toldOf(result);
    }

    /** The supervisor looks once it is completed; the future that this would make of it is so only afterwards. */
    private <T> CompletableFuture<T> toldOf(CompletableFuture<T> result) {
        var _ = result.whenComplete((how, failed) -> services.mailbox().accept(new Message.Run(() -> {})));
        return result;
    }

    private void endProof(boolean well) {
        if (proving) {
            proving = false;
            services.observer().onProved(well);
        }
    }

    @Override
    public void admit() {
        endProof(true);
        handles().forEach(handle -> handle.admit("its generation takes over"));
        groupsEverReady.addAll(
                generation.plans().stream().map(plan -> plan.group().name()).toList());
    }

    @Override
    public void retire() {
        endProof(false);
        ends();
        for (WorkerHandle handle : handles()) {
            Duration most = handle.plan().workers().drainTimeout();
            handle.stop(most, most, "its generation does not serve any more");
        }
    }

    @Override
    public boolean hasEnded() {
        return ending && handles().stream().allMatch(WorkerHandle::isEnded);
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

    @Override
    public void ends() {
        ending = true;
        parents().forEach(ForkParent::needless);
    }

    boolean isEnding() {
        return ending;
    }

    /** Starts more workers of a group, by the lowest numbers that are free. */
    List<WorkerHandle> grow(String name, int more, Admission admission) {
        RunningGroup group = groups.stream()
                .filter(each -> each.plan().group().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no group " + name));
        List<WorkerHandle> grown = new ArrayList<>();
        for (int number = 1; grown.size() < more; number++) {
            if (!roster.knows(group.plan().workerName(number))) {
                WorkerHandle handle = new WorkerHandle(roster.all().size() + 1, number, group, admission);
                roster.add(handle);
                grown.add(handle);
                handle.start("its group has more workers now");
            }
        }
        return grown;
    }

    /** It is on its way out, and nothing takes its place. */
    void dropWhenEnded(WorkerHandle handle) {
        dropped.add(handle);
    }

    /** Forgets workers that have ended and that nobody asks for. */
    void forgetGone() {
        roster.forgetReplaced();
        dropped.removeIf(handle -> {
            if (handle.isEnded()) {
                roster.remove(handle);
            }
            return handle.isEnded();
        });
    }

    /** The processes that fork its workers. */
    List<ForkParent> parents() {
        return groups.stream().flatMap(group -> group.parent().stream()).toList();
    }

    /** None of its workers is left: ends what forked them; whether that is gone. */
    boolean endParents() {
        return parents().stream().map(ForkParent::end).reduce(true, Boolean::logicalAnd);
    }

    /** None of its workers is left: gives back what they shared. */
    void release() {
        groups.forEach(
                group -> group.shared().ifPresent(socket -> services.guards().unshare(socket)));
    }

    @Override
    public void stopNow() {
        endProof(false);
        ends();
        handles().forEach(WorkerHandle::stopNow);
    }
}
