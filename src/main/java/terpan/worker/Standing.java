package terpan.worker;

import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's state, why and since when; each change is one log line and one snapshot. Changed by the supervisor's thread alone;
 * the snapshot is for any.
 */
final class Standing {
    private static final Logger LOG = LoggerFactory.getLogger(Standing.class);

    private final String name;
    private final Crew crew;
    private WorkerState state = WorkerState.EXITED;
    private String reason = "not started yet";
    private long sinceNanos;
    private volatile WorkerSnapshot snapshot;

    Standing(String name, Crew crew) {
        this.name = name;
        this.crew = crew;
        this.snapshot = new WorkerSnapshot(
                name,
                crew.plan().group().name(),
                0,
                state,
                reason,
                0,
                crew.clock().instant(),
                crew.generation(),
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
        return crew.nanoTime().getAsLong() - sinceNanos;
    }

    /** The process is gone, what follows is not decided yet. */
    void gone() {
        state = WorkerState.EXITED;
    }

    void enter(WorkerState next, String why, int starts, Optional<Attempt> attempt, Optional<StartFailure> failure) {
        state = next;
        reason = why;
        sinceNanos = crew.nanoTime().getAsLong();
        Instant since = crew.clock().instant();
        snapshot = new WorkerSnapshot(
                name,
                crew.plan().group().name(),
                next == WorkerState.EXITED ? 0 : attempt.map(Attempt::pid).orElse(0L),
                next,
                why,
                Math.max(0, starts - 1),
                since,
                crew.generation(),
                attempt.map(Attempt::pythonVersion).orElse(""),
                attempt.map(Attempt::serverVersion).orElse(""),
                failure.map(StartFailure::message).orElse(""));
        LOG.atInfo()
                .addKeyValue("worker", name)
                .addKeyValue("state", next)
                .addKeyValue("reason", why)
                .addKeyValue("pid", snapshot.pid())
                .addKeyValue("generation", crew.generation())
                .addKeyValue("restarts", snapshot.restarts())
                .log("worker state");
    }
}
