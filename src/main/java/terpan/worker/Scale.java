package terpan.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * An order for another number of workers in a group of the generation that serves: more are started, or those of the highest numbers drain and
 * end. One that does not become ready ends the order; those that were there, and those that became ready, serve on. What nobody asked for waits for
 * no drain: more workers may be needed before that ends.
 */
public final class Scale extends Order {
    private static final Logger LOG = LoggerFactory.getLogger(Scale.class);

    /**
     * Whom nobody asked for: what reads the load did.
     *
     * @param generation the number of the one that it read
     * @param why the figure that was the reason
     */
    record Unasked(int generation, String why) {}

    private final String group;
    private final int count;
    private final Optional<Unasked> unasked;
    private final Supplier<RunningGeneration> generations;
    private final List<WorkerHandle> starting = new ArrayList<>();
    private final List<WorkerHandle> leaving = new ArrayList<>();
    private @Nullable RunningGeneration generation;
    private volatile boolean startFailed;

    /**
     * Not begun.
     *
     * @param group a group's name
     * @param count how many workers it is to have, at least 1
     * @param unasked empty: a person asked for it
     * @param present the generation that serves when it begins, asked on the supervisor's thread
     */
    Scale(String group, int count, Optional<Unasked> unasked, Supplier<RunningGeneration> present) {
        this.group = group;
        this.count = count;
        this.unasked = unasked;
        this.generations = present;
    }

    /** Whether it has failed because a worker did not become ready. From any thread. */
    public boolean hasStartFailed() {
        return startFailed;
    }

    @Override
    boolean advance() {
        RunningGeneration its = generation;
        if (its == null) {
            its = generations.get();
            int serves = its.generation().number();
            if (unasked.filter(one -> one.generation() != serves).isPresent()) {
                end(State.FAILED, "another generation serves by now");
                return true;
            }
            generation = its;
            begin(its);
        }
        starting.removeIf(handle -> {
            if (handle.isReady()) {
                step(handle.name() + " is ready");
            }
            return handle.isReady();
        });
        Optional<WorkerHandle> failed =
                starting.stream().filter(WorkerHandle::isEnded).findFirst();
        if (failed.isPresent()) {
            startFailed = true;
            fail(its, failed.get().whyEnded());
            return true;
        }
        for (WorkerHandle handle : List.copyOf(leaving)) {
            if (handle.isEnded()) {
                leaving.remove(handle);
                its.roster().remove(handle);
                step(handle.name() + " has ended");
            }
        }
        if (!starting.isEmpty() || !leaving.isEmpty()) {
            return false;
        }
        end(State.DONE, "");
        if (unasked.isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("group", group)
                    .addKeyValue("workers", count)
                    .log("group was scaled");
        }
        return true;
    }

    private void begin(RunningGeneration its) {
        List<WorkerHandle> present = its.handles().stream()
                .filter(handle -> handle.plan().group().name().equals(group) && !handle.isLeaving())
                .toList();
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("group", group)
                .addKeyValue("from", present.size())
                .addKeyValue("to", count);
        unasked.map(one -> line.addKeyValue("reason", one.why())).orElse(line).log("group is scaled");
        step("%s: %d %s now, %d asked for"
                .formatted(group, present.size(), present.size() == 1 ? "worker" : "workers", count));
        if (present.size() < count) {
            starting.addAll(its.grow(group, count - present.size(), Admission.ON_TRIAL));
            return;
        }
        for (WorkerHandle handle : present.subList(count, present.size())) {
            Duration most = handle.plan().workers().drainTimeout();
            handle.stop(most, most, "the group has fewer workers now");
            if (unasked.isEmpty()) {
                leaving.add(handle);
            } else {
                its.dropWhenEnded(handle);
            }
        }
    }

    private void fail(RunningGeneration its, String why) {
        for (WorkerHandle handle : starting) {
            handle.stopNow();
            its.dropWhenEnded(handle);
        }
        end(State.FAILED, why);
        if (startFailed || unasked.isEmpty()) {
            LOG.atError()
                    .addKeyValue("group", group)
                    .addKeyValue("failure", why)
                    .log("group could not be scaled");
        }
    }

    @Override
    void cancel(String why) {
        RunningGeneration its = generation;
        if (its != null) {
            leaving.forEach(its::dropWhenEnded);
            fail(its, why);
        } else {
            end(State.FAILED, why);
        }
    }
}
