package terpan.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The generations of which workers run: the one that serves, those before it that drain, and one that starts. Changed by the supervisor's
 * thread; what others read is thread-safe.
 */
final class Generations implements Rollout.Fleets, InPlaceRollout.Fleets {
    /** Beside the one that serves: more than so many have to wait until one of them has drained. */
    private static final int DRAINING_MOST = 2;

    private final WorkerObserver observer;
    private final Consumer<RunningGeneration> failed;
    private @Nullable WorkerServices services;
    private volatile List<RunningGeneration> all = List.of();
    private volatile @Nullable RunningGeneration serving;
    /** Served before the one that serves, and may again. */
    private volatile @Nullable RunningGeneration kept;

    private long keptUntil = Long.MAX_VALUE;

    /**
     * None yet.
     *
     * @param failed is told of one that can not be started at all
     */
    Generations(WorkerObserver observer, Consumer<RunningGeneration> failed) {
        this.observer = observer;
        this.failed = failed;
    }

    /** Starts the first, which serves as soon as a worker is ready. */
    void begin(Generation first, WorkerServices its) {
        services = its;
        serving = begin(first, Admission.WHEN_READY);
    }

    private RunningGeneration begin(Generation generation, Admission admission) {
        int before = (int) handles().count();
        RunningGeneration begun = prepared(generation);
        begun.start(before, admission);
        return begun;
    }

    private RunningGeneration prepared(Generation generation) {
        RunningGeneration begun = new RunningGeneration(generation, Objects.requireNonNull(services), failed);
        List<RunningGeneration> more = new ArrayList<>(all);
        more.add(begun);
        all = List.copyOf(more);
        begun.prepare();
        return begun;
    }

    @Override
    public boolean isFull(Generation next) {
        boolean drains =
                !keeps(next) && all.stream().anyMatch(each -> each.generation().number() == next.number());
        return drains || all.size() - (kept == null ? 0 : 1) > DRAINING_MOST;
    }

    @Override
    public RunningGeneration serving() {
        return Objects.requireNonNull(serving, "nothing was started yet");
    }

    @Override
    public Rollout.Fleet begin(Generation next) {
        if (keeps(next)) {
            RunningGeneration back = Objects.requireNonNull(kept);
            kept = null;
            keptUntil = Long.MAX_VALUE;
            return back;
        }
        observer.onGenerationBegins(next);
        return begin(next, Admission.HELD);
    }

    @Override
    public InPlaceRollout.Fleet prepare(Generation next) {
        observer.onGenerationBegins(next);
        return prepared(next);
    }

    @Override
    public void serves(InPlaceRollout.Fleet next) {
        endKept();
        serving = (RunningGeneration) next;
    }

    @Override
    public void serves(Rollout.Fleet next) {
        endKept();
        serving = (RunningGeneration) next;
    }

    @Override
    public void keep(Rollout.Fleet old) {
        RunningGeneration parked = (RunningGeneration) old;
        kept = parked;
        keptUntil = Objects.requireNonNull(services).nanoTime().getAsLong()
                + parked.generation().application().keep().toNanos();
    }

    /** Whether this very generation is kept: its workers are there. From any thread. */
    boolean keeps(Generation generation) {
        RunningGeneration parked = kept;
        return parked != null && parked.generation() == generation && !parked.isEnding();
    }

    /** When the kept one is kept no longer; {@link Long#MAX_VALUE}: there is none. */
    long keptUntil() {
        return keptUntil;
    }

    /** What was kept, if anything, is not any more. */
    void endKept() {
        RunningGeneration parked = kept;
        kept = null;
        keptUntil = Long.MAX_VALUE;
        if (parked != null) {
            parked.retire();
        }
    }

    /** The one that serves, if something was started; from any thread. */
    Optional<RunningGeneration> present() {
        return Optional.ofNullable(serving);
    }

    /** The oldest first; from any thread. */
    List<RunningGeneration> all() {
        return all;
    }

    /** Of all generations, the oldest first; from any thread. */
    Stream<WorkerHandle> handles() {
        return all.stream().flatMap(each -> each.handles().stream());
    }

    /** Forgets workers that have ended and have no place any more, and generations without any. */
    void forgetGone() {
        all.forEach(RunningGeneration::forgetGone);
        for (RunningGeneration each : all) {
            if (each != serving && each.hasEnded() && each.endParents()) {
                all = all.stream().filter(other -> other != each).toList();
                each.release();
                observer.onGenerationEnded(each.generation());
            }
        }
    }
}
