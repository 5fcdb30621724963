package terpan.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An order to replace workers, one after the other: the new process of each is ready before the old one drains, and one that does not
 * become ready ends the order and leaves the old one serving. Advanced by the supervisor's thread; the progress is for any.
 * Draining the old one first was rejected: broken code then takes a worker away, and a single worker is a gap.
 */
public final class Restart {
    private static final Logger LOG = LoggerFactory.getLogger(Restart.class);

    /** One part in so many of a set of workers may drain at a time, so that memory is bounded; one always may. */
    private static final int DRAINING_SHARE = 2;

    /** Where it stands. */
    public enum State {
        /** Not begun, or under way. */
        RUNNING,
        /** Every worker was replaced, and the old processes have ended. */
        DONE,
        /** A new worker did not become ready, or Terpan stops. */
        FAILED
    }

    /**
     * How far it has come.
     *
     * @param steps a sentence for each step
     * @param failure why it failed, such as the new worker's traceback; empty otherwise
     */
    public record Progress(State state, List<String> steps, String failure) {}

    private final Deque<String> names;
    private final int workers;
    private final List<WorkerHandle> draining = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private @Nullable WorkerHandle present;
    private @Nullable WorkerHandle successor;
    private boolean begun;
    private volatile Progress progress = new Progress(State.RUNNING, List.of(), "");

    /** For workers of these names, in this order. */
    Restart(List<String> names) {
        this.names = new ArrayDeque<>(names);
        this.workers = names.size();
    }

    /** From any thread. */
    public Progress progress() {
        return progress;
    }

    /** Takes the next steps that can be taken; true: it is over. */
    boolean advance(Roster roster) {
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
        return successor == null && names.isEmpty() && draining.isEmpty() && end(State.DONE, "");
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
        return end(State.FAILED, failure);
    }

    /** It does not go on; why, for people. */
    void cancel(String why) {
        if (progress.state() == State.RUNNING) {
            if (successor != null) {
                successor.stopNow();
            }
            var _ = end(State.FAILED, why);
        }
    }

    private boolean end(State state, String failure) {
        progress = new Progress(state, List.copyOf(steps), failure);
        if (state == State.DONE) {
            LOG.atInfo().addKeyValue("workers", workers).log("restart done");
        } else {
            LOG.atError().addKeyValue("failure", failure).log("restart failed");
        }
        return true;
    }

    private void step(String what) {
        steps.add(what);
        progress = new Progress(State.RUNNING, List.copyOf(steps), "");
    }
}
