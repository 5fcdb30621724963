package terpan.worker;

import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's state, why and since when; each change is one log line and one snapshot. Changed by the supervisor's thread alone;
 * the snapshot is for any.
 */
final class WorkerStatus {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerStatus.class);

    private final String name;
    private final RunningGroup group;
    private WorkerState state = WorkerState.EXITED;
    private String reason = "not started yet";
    private long sinceNanos;
    private volatile WorkerSnapshot snapshot;

    WorkerStatus(String name, RunningGroup group) {
        this.name = name;
        this.group = group;
        this.snapshot = new WorkerSnapshot(
                name,
                group.plan().group().name(),
                0,
                state,
                reason,
                0,
                group.clock().instant(),
                group.generation(),
                "",
                "",
                "");
    }

    WorkerState state() {
        return state;
    }

    String reason() {
        return reason;
    }

    WorkerSnapshot snapshot() {
        return snapshot;
    }

    /** Nanoseconds since the last change. */
    long age() {
        return group.nanoTime().getAsLong() - sinceNanos;
    }

    /** The process is gone, what follows is not decided yet. */
    void gone() {
        state = WorkerState.EXITED;
    }

    void enter(WorkerState next, String why, int starts, Optional<Attempt> attempt, Optional<StartFailure> failure) {
        state = next;
        reason = why;
        sinceNanos = group.nanoTime().getAsLong();
        Instant since = group.clock().instant();
        snapshot = new WorkerSnapshot(
                name,
                group.plan().group().name(),
                next == WorkerState.EXITED ? 0 : attempt.map(Attempt::pid).orElse(0L),
                next,
                why,
                Math.max(0, starts - 1),
                since,
                group.generation(),
                attempt.map(Attempt::pythonVersion).orElse(""),
                attempt.map(Attempt::serverVersion).orElse(""),
                failure.map(StartFailure::message).orElse(""));
        LOG.atInfo()
                .addKeyValue("worker", name)
                .addKeyValue("state", next)
                .addKeyValue("reason", why)
                .addKeyValue("pid", snapshot.pid())
                .addKeyValue("generation", group.generation())
                .addKeyValue("restarts", snapshot.restarts())
                .log("worker state");
    }
}
