package terpan.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.server.PoliteSignal;
import terpan.server.Protocol;

/**
 * What the supervisor knows of one worker, and what becomes of it: a state, why, and one deadline. Its process is replaced, it
 * stays. Owned by the supervisor's thread, but for the snapshot.
 */
final class WorkerHandle {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerHandle.class);
    private static final long NEVER = Long.MAX_VALUE;
    private static final long HEALTHY = Duration.ofMinutes(1).toNanos();
    /** Lines that were written before the end may still be on their way. */
    private static final long LAST_WORDS = Duration.ofMillis(200).toNanos();

    private static final long KILL_AGAIN = Duration.ofSeconds(1).toNanos();
    private static final int TRIES_AT_FIRST_START = 3;

    private final int index;
    private final String name;
    private final Crew crew;
    private WorkerState state = WorkerState.EXITED;
    private String reason = "not started yet";
    private Instant since;
    private long sinceNanos;
    private long deadline = NEVER;
    private int starts;
    private int failures;
    private boolean last;
    private boolean ended;

    // Of the present process.
    private Spawner.@Nullable Spawned spawned;
    private @Nullable WorkerInfo info;
    private @Nullable StartFailure failure;
    private @Nullable ReadinessProbe probe;
    private ExitInfo.Cause cause = ExitInfo.Cause.NOT_STARTED;
    private ExitInfo exit = new ExitInfo(ExitInfo.Cause.NOT_STARTED, 0);
    private boolean outputEnded;
    private boolean settled = true;
    private long session;
    private String address = "";
    private String pythonVersion = "";
    private String serverVersion = "";
    private boolean saidHello;

    private volatile WorkerSnapshot snapshot;

    WorkerHandle(int index, Crew crew) {
        this.index = index;
        this.name = "worker-" + index;
        this.crew = crew;
        this.since = crew.clock().instant();
        this.snapshot = makeSnapshot();
    }

    String name() {
        return name;
    }

    /** Nanoseconds of the supervisor's clock; {@link Long#MAX_VALUE}: none. */
    long deadline() {
        return deadline;
    }

    boolean holds(String token) {
        return spawned != null && spawned.token().equals(token);
    }

    /** Whether it has ended for good. */
    boolean isEnded() {
        return ended;
    }

    /** Whether it takes requests or soon may. */
    boolean hasHope() {
        return !last && (state != WorkerState.EXITED || !crew.backoff().isCrashLoop(failures));
    }

    /** From any thread. */
    WorkerSnapshot snapshot() {
        return snapshot;
    }

    void start(String why) {
        starts++;
        failure = null;
        info = null;
        outputEnded = false;
        settled = false;
        saidHello = false;
        cause = ExitInfo.Cause.NOT_STARTED;
        address = "";
        try {
            Spawner.Spawned fresh = crew.spawner().spawn(name, index, starts);
            spawned = fresh;
            session = fresh.process().pid();
            crew.guard().watch(session);
            deadline = after(crew.plan().workers().startTimeout());
            enter(WorkerState.STARTING, why);
        } catch (IOException error) {
            failure = new StartFailure.InterpreterMissing(crew.plan().interpreter(), RunDirectory.describe(error));
            spawned = null;
            settleCrash("could not be spawned: " + RunDirectory.describe(error));
        }
    }

    void said(Map<String, String> fields, ControlServer.Connection connection) {
        switch (fields.getOrDefault("kind", "")) {
            case "hello" -> hello(fields, connection);
            case "bound" -> address = fields.getOrDefault("address", "");
            case "ready" -> serverReady(fields.getOrDefault("server", ""));
            case "failed" -> failed(fields.getOrDefault("reason", ""), fields.getOrDefault("text", ""));
            default ->
                LOG.atWarn()
                        .addKeyValue("worker", name)
                        .addKeyValue("kind", fields.get("kind"))
                        .log("control message not known");
        }
    }

    private void hello(Map<String, String> fields, ControlServer.Connection connection) {
        saidHello = true;
        if (state == WorkerState.EXITED) {
            return;
        }
        pythonVersion = fields.getOrDefault("python", "");
        long told = Long.parseLong(fields.getOrDefault("pid", "0"));
        if (told != session) {
            // The interpreter is a script that started the real one: that one leads the session.
            crew.guard().forget(session);
            crew.guard().watch(told);
            session = told;
        }
        try {
            connection.go();
        } catch (IOException ended) {
            // Its process ends too, and says so.
        }
    }

    private void serverReady(String server) {
        if (state != WorkerState.STARTING || probe != null) {
            return; // a forked server's new child says it again
        }
        serverVersion = server;
        String path = crew.plan().workers().readinessPath().orElse("");
        if (path.isEmpty() || crew.plan().profile().protocol() != Protocol.HTTP || spawned == null) {
            becomeReady("the server accepts");
            return;
        }
        String token = spawned.token();
        probe = ReadinessProbe.start(
                crew.spawner().address(address), path, () -> crew.mailbox().accept(new Message.Probed(token)));
    }

    void probed() {
        if (state == WorkerState.STARTING) {
            becomeReady("its readiness path is answered");
        }
    }

    private void becomeReady(String why) {
        WorkerInfo ready = new WorkerInfo(
                name,
                session,
                crew.generation(),
                crew.spawner().address(address),
                crew.plan().profile());
        info = ready;
        cause = ExitInfo.Cause.CRASHED;
        deadline = NEVER;
        enter(WorkerState.READY, why);
        crew.observer().onReady(ready);
    }

    private void failed(String kind, String text) {
        failure = switch (kind) {
            case "import" ->
                new StartFailure.ImportFailed(crew.plan().application().name(), text);
            case "server" ->
                new StartFailure.ServerMissing(
                        crew.plan().profile().name(),
                        crew.plan().interpreter(),
                        text,
                        crew.plan().installHint());
            default -> new StartFailure.SetupFailed(name, text);
        };
        if (state == WorkerState.STARTING) {
            deadline = crew.nanoTime().getAsLong() + KILL_AGAIN;
        }
    }

    /** Takes it out of service, then ends its process and starts another. */
    void restart(String why) {
        switch (state) {
            case STARTING -> stopPolitely(why);
            case READY -> drain(why, crew.plan().workers().drainTimeout());
            case EXITED -> {
                failures = 0;
                if (settled) {
                    start(why);
                }
            }
            case DRAINING, STOPPING -> {} // on its way already
        }
    }

    /** Takes it out of service and ends it for good. */
    void stop(Duration drain) {
        last = true;
        switch (state) {
            case STARTING -> stopPolitely("stop was asked");
            case READY -> drain("stop was asked", drain);
            case EXITED -> endIfSettled();
            case DRAINING -> deadline = Math.min(deadline, after(drain));
            case STOPPING -> {}
        }
    }

    /** Ends it for good at once. */
    void stopNow() {
        last = true;
        if (state == WorkerState.EXITED) {
            endIfSettled();
        } else {
            kill("stop at once was asked", ExitInfo.Cause.KILLED);
        }
    }

    private void endIfSettled() {
        if (settled) {
            deadline = NEVER;
            ended = true;
        }
    }

    private void drain(String why, Duration most) {
        deadline = after(most);
        enter(WorkerState.DRAINING, why);
        if (info != null && spawned != null) {
            String token = spawned.token();
            crew.observer().onDraining(info, () -> crew.mailbox().accept(new Message.Idle(token)));
        }
    }

    void idle() {
        if (state == WorkerState.DRAINING) {
            stopPolitely("nothing is in flight");
        }
    }

    private void stopPolitely(String why) {
        cause = ExitInfo.Cause.STOPPED;
        deadline = after(crew.plan().workers().stopTimeout());
        enter(WorkerState.STOPPING, why);
        PoliteSignal signal = crew.plan().profile().politeSignal();
        if (spawned != null
                && signal == PoliteSignal.TERM
                && session == spawned.process().pid()) {
            spawned.process().terminate();
        } else {
            crew.guard().signal(session, signal.number());
        }
    }

    private void kill(String why, ExitInfo.Cause because) {
        cause = because;
        deadline = crew.nanoTime().getAsLong() + KILL_AGAIN;
        if (state != WorkerState.STOPPING || !reason.equals(why)) {
            enter(WorkerState.STOPPING, why);
        }
        crew.guard().kill(session);
        if (spawned != null) {
            spawned.process().kill();
        }
    }

    void deadlinePassed() {
        deadline = NEVER;
        switch (state) {
            case STARTING ->
                kill(
                        failure == null ? "it was not ready in time" : "its start failed",
                        failure == null ? ExitInfo.Cause.START_TIMEOUT : ExitInfo.Cause.NOT_STARTED);
            case DRAINING -> stopPolitely("requests were in flight for longer than the drain timeout");
            case STOPPING ->
                kill("it did not end in time", cause == ExitInfo.Cause.STOPPED ? ExitInfo.Cause.KILLED : cause);
            case EXITED -> {
                if (settled) {
                    start("the backoff is over");
                } else {
                    settle();
                }
            }
            case READY -> throw new IllegalStateException(name + " is ready and has a deadline");
        }
    }

    /** Its process ended: its place is free at once; what becomes of it waits for its last lines. */
    void exited(int status) {
        if (probe != null) {
            probe.cancel();
            probe = null;
        }
        exit = new ExitInfo(cause, status);
        crew.guard().kill(session);
        crew.guard().forget(session);
        reap();
        if (info != null) {
            crew.observer().onExited(info, exit);
        }
        deadline = crew.nanoTime().getAsLong() + LAST_WORDS;
        state = WorkerState.EXITED;
        if (outputEnded) {
            settle();
        }
    }

    private void reap() {
        if (spawned == null) {
            return;
        }
        try {
            crew.spawner().reaped(spawned);
        } catch (IOException error) {
            LOG.atWarn().addKeyValue("worker", name).addKeyValue("error", error).log("worker socket not removed");
        }
    }

    void outputEnded() {
        outputEnded = true;
        if (state == WorkerState.EXITED && !settled) {
            settle();
        }
    }

    private void settle() {
        boolean asked = exit.cause() == ExitInfo.Cause.STOPPED || exit.cause() == ExitInfo.Cause.KILLED;
        if (asked || last) {
            settled = true;
            enter(WorkerState.EXITED, exit.text() + (asked ? " after it was asked to end" : ""));
            if (last) {
                endIfSettled();
            } else {
                start("another took its place");
            }
            return;
        }
        settleCrash(exit.text() + (exit.cause() == ExitInfo.Cause.CRASHED ? "" : " before it was ready"));
    }

    private void settleCrash(String why) {
        settled = true;
        boolean wasHealthy = info != null && crew.nanoTime().getAsLong() - sinceNanos >= HEALTHY;
        failures = wasHealthy ? 1 : failures + 1;
        boolean crashLoop = crew.backoff().isCrashLoop(failures);
        long delay = crew.backoff().delay(failures);
        deadline = crew.nanoTime().getAsLong() + delay;
        enter(WorkerState.EXITED, crashLoop ? "crash loop: " + why : why);
        logCrash(crashLoop, delay);
        StartFailure firstFailure = firstFailure();
        if (firstFailure != null) {
            crew.failedFirst().accept(firstFailure);
        }
        if (last) {
            endIfSettled();
        } else if (delay == 0) {
            start("at once after: " + why);
        }
    }

    private void logCrash(boolean crashLoop, long delay) {
        LOG.atWarn()
                .addKeyValue("worker", name)
                .addKeyValue("status", exit.text())
                .addKeyValue("failures", failures)
                .addKeyValue("next_start_ms", Duration.ofNanos(delay).toMillis())
                .addKeyValue("last_lines", String.join("\n", lastLines()))
                .log(crashLoop ? "worker is in a crash loop" : "worker crashed");
    }

    private List<String> lastLines() {
        return spawned == null ? List.of() : spawned.process().lastLines();
    }

    /** What this failure means where no worker was ever ready; null: starting again may mend it. */
    private @Nullable StartFailure firstFailure() {
        if (failure != null) {
            return failure;
        }
        if (!saidHello && exit.status() == LauncherExit.TOO_OLD) {
            return new StartFailure.PythonTooOld(crew.plan().interpreter(), lastLines());
        }
        if (!saidHello && exit.status() < 128) {
            return new StartFailure.NotPython(crew.plan().interpreter(), lastLines());
        }
        if (exit.cause() == ExitInfo.Cause.START_TIMEOUT) {
            return new StartFailure.NeverReady(
                    name, "was not ready within " + crew.plan().workers().startTimeout(), lastLines());
        }
        return failures >= TRIES_AT_FIRST_START
                ? new StartFailure.NeverReady(name, "ended again and again: " + exit.text(), lastLines())
                : null;
    }

    private long after(Duration duration) {
        return crew.nanoTime().getAsLong() + duration.toNanos();
    }

    private void enter(WorkerState next, String why) {
        state = next;
        reason = why;
        since = crew.clock().instant();
        sinceNanos = crew.nanoTime().getAsLong();
        snapshot = makeSnapshot();
        LOG.atInfo()
                .addKeyValue("worker", name)
                .addKeyValue("state", next)
                .addKeyValue("reason", why)
                .addKeyValue("pid", snapshot.pid())
                .addKeyValue("generation", crew.generation())
                .addKeyValue("restarts", snapshot.restarts())
                .log("worker state");
    }

    private WorkerSnapshot makeSnapshot() {
        long pid = state == WorkerState.EXITED || spawned == null ? 0 : session;
        return new WorkerSnapshot(
                name,
                pid,
                state,
                reason,
                Math.max(0, starts - 1),
                since,
                crew.generation(),
                pythonVersion,
                serverVersion);
    }
}
