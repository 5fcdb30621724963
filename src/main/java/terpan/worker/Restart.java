package terpan.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An order to replace workers, one after the other: the new process of each is ready before the old one drains, and one that does not
 * become ready ends the order and leaves the old one serving. Advanced by the supervisor's thread; the progress is for any.
 * Draining the old one first was rejected: broken code then takes a worker away, and a single worker is a gap.
 */
public final class Restart extends Order {
    private static final Logger LOG = LoggerFactory.getLogger(Restart.class);

    /** One part in so many of a set of workers may drain at a time, so that memory is bounded; one always may. */
    private static final int DRAINING_SHARE = 2;

    private final Supplier<Roster> rosters;
    private final Deque<String> names;
    private final int workers;
    private final List<WorkerHandle> draining = new ArrayList<>();
    private @Nullable WorkerHandle present;
    private @Nullable WorkerHandle successor;
    private boolean begun;

    /**
     * For workers of these names, in this order.
     *
     * @param present where they are when it begins, asked on the supervisor's thread
     */
    Restart(List<String> names, Supplier<Roster> present) {
        this.rosters = present;
        this.names = new ArrayDeque<>(names);
        this.workers = names.size();
    }

    @Override
    boolean advance() {
        Roster roster = rosters.get();
        if (!begun) {
            begun = true;
            LOG.atInfo().addKeyValue("workers", String.join(", ", names)).log("restart begins");
        }
        draining.removeIf(this::hasEnded);
        WorkerHandle next = successor;
        if (next != null && next.isReady()) {
            takeOver(next);
        } else if (next != null && next.isEnded()) {
            roster.remove(next);
            return fail(next);
        }
        while (successor == null && !names.isEmpty() && mayBegin()) {
            begin(roster, names.removeFirst());
        }
        return successor == null && names.isEmpty() && draining.isEmpty() && over(State.DONE, "");
    }

    private boolean mayBegin() {
        return draining.size() < Math.max(1, workers / DRAINING_SHARE);
    }

    private boolean hasEnded(WorkerHandle old) {
        if (!old.isEnded()) {
            return false;
        }
        step(old.name() + ": the old process has ended");
        return true;
    }

    private void begin(Roster roster, String name) {
        Optional<WorkerHandle> old = roster.present(name);
        if (old.isEmpty()) {
            step(name + " is not there any more");
            return;
        }
        present = old.get();
        successor = roster.succeed(old.get());
        step(name + ": a new process starts");
    }

    private void takeOver(WorkerHandle next) {
        WorkerHandle old = present;
        if (old == null) {
            throw new IllegalStateException(next.name() + " succeeds nobody");
        }
        Duration most = old.plan().workers().drainTimeout();
        step("%s: process %d is ready, process %s answers what it has".formatted(next.name(), next.pid(), old.pid()));
        old.stop(most, most, "another took its place");
        draining.add(old);
        present = null;
        successor = null;
    }

    private boolean fail(WorkerHandle next) {
        String left = workers == 1 ? "" : "; workers that were replaced before it stay so";
        String failure =
                next.failure().map(StartFailure::message).orElse(next.snapshot().reason());
        step(next.name() + ": the new process did not become ready; the old one serves on" + left);
        return over(State.FAILED, failure);
    }

    @Override
    void cancel(String why) {
        if (!isOver()) {
            if (successor != null) {
                successor.stopNow();
            }
            var _ = over(State.FAILED, why);
        }
    }

    private boolean over(State state, String failure) {
        end(state, failure);
        if (state == State.DONE) {
            LOG.atInfo().addKeyValue("workers", workers).log("restart done");
        } else {
            LOG.atError().addKeyValue("failure", failure).log("restart failed");
        }
        return true;
    }
}
