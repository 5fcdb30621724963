package terpan.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a guard at its post: replaces one that ended, after a pause. What it kept of shared sockets is lost with it, so its
 * successor binds new ones. Owned by the supervisor's thread.
 */
final class GuardWatch {
    private static final Logger LOG = LoggerFactory.getLogger(GuardWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long NEVER = Long.MAX_VALUE;

    private final Guard guard;
    private final RunDirectory directory;
    private final LongSupplier nanoTime;
    private final List<SharedSocket> shared = new ArrayList<>();
    private int groups;
    private long due = NEVER;

    GuardWatch(Guard guard, RunDirectory directory, LongSupplier nanoTime) {
        this.guard = guard;
        this.directory = directory;
        this.nanoTime = nanoTime;
    }

    Guard guard() {
        return guard;
    }

    /** A new socket for the workers of a group, if they share one. */
    Optional<SharedSocket> share(WorkerPlan plan) {
        if (!plan.shared()) {
            return Optional.empty();
        }
        groups++;
        SharedSocket socket = new SharedSocket(directory, groups);
        shared.add(socket);
        guard.share(socket);
        return Optional.of(socket);
    }

    /** No worker that shared it is left, and none will be. */
    void unshare(SharedSocket socket) {
        shared.remove(socket);
        guard.unshare(socket);
    }

    /** Whether the guard's process ended is looked at when that is told, and now and then: the news comes by threads that there may not be. */
    void look() {
        if (!guard.isAlive()) {
            due = Math.min(due, nanoTime.getAsLong() + PAUSE.toNanos());
        }
    }

    /** When it is replaced, by the supervisor's clock; {@link Long#MAX_VALUE}: it is there. */
    long due() {
        return due;
    }

    /** Replaces it if that is due; true: workers that share a socket need to be started anew, for there are new sockets. */
    boolean replaced() {
        long now = nanoTime.getAsLong();
        if (due > now) {
            return false;
        }
        due = NEVER;
        LOG.atWarn().log("guard ended and is replaced");
        try {
            guard.replace();
        } catch (IOException error) {
            LOG.atError().addKeyValue("error", error).log("guard could not be replaced");
            due = now + PAUSE.toNanos();
            return false;
        }
        for (SharedSocket socket : shared) {
            socket.renew();
            guard.share(socket);
        }
        return !shared.isEmpty();
    }
}
