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
        serving = begin(first, WorkerHandle.Admission.WHEN_READY);
    }

    private RunningGeneration begin(Generation generation, WorkerHandle.Admission admission) {
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
    public boolean isFull() {
        return all.size() > DRAINING_MOST;
    }

    @Override
    public RunningGeneration serving() {
        return Objects.requireNonNull(serving, "nothing was started yet");
    }

    @Override
    public Rollout.Fleet begin(Generation next) {
        observer.onGenerationBegins(next);
        return begin(next, WorkerHandle.Admission.HELD);
    }

    @Override
    public InPlaceRollout.Fleet prepare(Generation next) {
        observer.onGenerationBegins(next);
        return prepared(next);
    }

    @Override
    public void serves(InPlaceRollout.Fleet next) {
        serving = (RunningGeneration) next;
    }

    @Override
    public void serves(Rollout.Fleet next) {
        serving = (RunningGeneration) next;
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
            if (each != serving && each.hasEnded()) {
                all = all.stream().filter(other -> other != each).toList();
                each.release();
                observer.onGenerationEnded(each.generation());
            }
        }
    }
}
