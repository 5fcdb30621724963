package terpan.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.server.Protocol;

/**
 * What the supervisor knows of one worker, and what becomes of it: a state, why, and one deadline. Its process is replaced, it
 * stays. Owned by the supervisor's thread, but for the snapshot.
 */
final class WorkerHandle implements InPlaceRollout.Member, Speaker {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerHandle.class);
    private static final long NEVER = Long.MAX_VALUE;
    private static final long HEALTHY = Duration.ofMinutes(1).toNanos();
    /** Lines and messages from before the end may still be on their way. */
    private static final Duration LAST_WORDS = Duration.ofMillis(200);

    private static final Duration KILL_AGAIN = Duration.ofSeconds(1);
    /** As long a worker that hangs has to write its stacks. */
    private static final Duration STACKS_MOST = Duration.ofSeconds(1);

    private static final int TRIES_AT_FIRST_START = 3;

    private final int index;
    private final String name;
    private final RunningGroup group;
    private final WorkerStatus status;
    private final CrashCount crashes;
    private long deadline = NEVER;
    /** Until when it may drain; of no meaning before it does. */
    private long drainEnds = NEVER;

    private int starts;
    private boolean ended;
    /** The present process, or the last one until another is spawned; empty before the first. */
    private Optional<Attempt> attempt = Optional.empty();
    /** In EXITED: what follows was decided. */
    private boolean settled = true;
    /** No other process follows. */
    private boolean last;
    /** The present process was found to hang. */
    private boolean hung;

    /** Why its last start failed; empty where it did not. */
    private Optional<StartFailure> failure = Optional.empty();
    /** It has one try, until it takes requests. */
    private boolean onTrial;
    /** It takes no requests though it may be ready. */
    private boolean held;
    /** So it is because another generation serves, and this one may be wanted again. */
    private boolean parked;
    /** It takes a share of requests alone, and has one try. */
    private boolean proving;

    /** For a worker of these numbers over all groups and in its own, both from 1; not started yet. */
    WorkerHandle(int index, int number, RunningGroup group, Admission admission) {
        this(index, group.plan().workerName(number), group, 0);
        this.held = admission == Admission.HELD;
        this.onTrial = admission != Admission.WHEN_READY;
    }

    private WorkerHandle(int index, String name, RunningGroup group, int starts) {
        this.index = index;
        this.name = name;
        this.group = group;
        this.starts = starts;
        this.onTrial = starts > 0;
        this.status = new WorkerStatus(name, group);
        this.crashes = new CrashCount(group.backoff());
    }

    /** Another of the same name, to take its place once it is ready; not started yet. It has one try. */
    WorkerHandle successor() {
        return new WorkerHandle(index, name, group, Math.max(1, starts));
    }

    @Override
    public String name() {
        return name;
    }

    WorkerPlan plan() {
        return group.plan();
    }

    /** Nanoseconds of the supervisor's clock; {@link Long#MAX_VALUE}: none. */
    long deadline() {
        return deadline;
    }

    @Override
    public boolean holds(String token) {
        return attempt.isPresent() && attempt.get().token().equals(token);
    }

    /** Whether its present process has this number. */
    boolean leads(long pid) {
        return attempt.isPresent() && attempt.get().pid() == pid;
    }

    /** Its present or last process; 0 before the first. */
    long pid() {
        return attempt.map(Attempt::pid).orElse(0L);
    }

    @Override
    public boolean isReady() {
        return status.state() == WorkerState.READY;
    }

    boolean isParked() {
        return status.state() == WorkerState.PARKED;
    }

    /** Whether no other process follows the present one. */
    boolean isLeaving() {
        return last;
    }

    /** Why its last start failed; empty where it did not. */
    Optional<StartFailure> failure() {
        return failure;
    }

    @Override
    public boolean hasFailed() {
        return failure.isPresent();
    }

    /** What became of it, for people: its failed start, or how its process ended. */
    @Override
    public String whyEnded() {
        return failure.map(StartFailure::message).orElse(name + ": " + status.reason());
    }

    /** Whether it has ended for good. */
    @Override
    public boolean isEnded() {
        return ended;
    }

    /** Whether it takes requests or soon may. */
    boolean isExpected() {
        return !parked && mayBeReady();
    }

    /** Whether it is ready or soon may be. */
    boolean mayBeReady() {
        return !last && (status.state() != WorkerState.EXITED || !crashes.isCrashLoop());
    }

    /** From any thread. */
    WorkerSnapshot snapshot() {
        return status.snapshot();
    }

    void start(String why) {
        if (starts > 0) {
            group.observer()
                    .onStartedAgain(
                            group.plan().group().name(),
                            name,
                            onTrial
                                    ? ExitInfo.Cause.STOPPED
                                    : attempt.map(Attempt::cause).orElse(ExitInfo.Cause.NOT_STARTED));
        }
        starts++;
        settled = false;
        hung = false;
        try {
            attempt = Optional.of(Attempt.begin(name, index, group));
            deadline = after(group.plan().workers().startTimeout());
            enter(WorkerState.STARTING, why);
        } catch (IOException error) {
            attempt = Optional.empty();
            StartFailure refused = StartFailure.NoProcess.of(name, group.plan().interpreter(), error);
            settleCrash("could not be spawned: " + refused.message(), Optional.of(refused));
        } catch (RuntimeException | Error fault) {
            // Such as no thread to be had for it: that is the failed start of one worker, which is tried again.
            attempt = Optional.empty();
            LOG.atError().setCause(fault).addKeyValue("worker", name).log("worker could not be started");
            settleCrash("could not be started: " + fault.getMessage(), Optional.empty());
        }
    }

    private Attempt present() {
        return attempt.orElseThrow(() -> new IllegalStateException(name + " has no process"));
    }

    @Override
    public void said(Map<String, String> fields, ControlServer.Connection connection) {
        if (status.state() == WorkerState.EXITED) {
            if (!settled && "failed".equals(fields.get("kind"))) {
                present().failed(fields); // its last words, on their way when it ended
            }
            return;
        }
        switch (fields.getOrDefault("kind", "")) {
            case "hello" -> present().hello(fields, connection).ifPresent(this::broke);
            case "bound" -> present().bound(fields).ifPresent(this::broke);
            case "ready" -> accepts(fields);
            case "deaf" -> present().deafened();
            case "failed" -> {
                present().failed(fields);
                if (status.state() == WorkerState.STARTING) {
                    deadline = Math.min(deadline, after(KILL_AGAIN));
                }
            }
            default -> throw new IllegalStateException(name + " said something unknown: " + fields.get("kind"));
        }
    }

    /** What it said breaks the rules of the control channel: an application speaks in the launcher's place. */
    @Override
    public void broke(String why) {
        if (status.state() == WorkerState.EXITED || present().isBroken()) {
            return;
        }
        present().broke(why);
        LOG.atError()
                .addKeyValue("worker", name)
                .addKeyValue("reason", why)
                .log("worker broke the rules of the control channel and is killed");
        boolean started = status.state() != WorkerState.STARTING;
        kill(
                "it broke the rules of the control channel",
                started ? ExitInfo.Cause.CRASHED : ExitInfo.Cause.NOT_STARTED);
    }

    private void accepts(Map<String, String> fields) {
        present().accepts(fields);
        if (status.state() != WorkerState.STARTING || present().isProbed()) {
            return; // a forked server's new child says it again
        }
        String path = group.plan().workers().readinessPath().orElse("");
        if (path.isEmpty() || group.plan().profile().protocol() != Protocol.HTTP) {
            becomeReady("the server accepts");
        } else {
            probe(path);
        }
    }

    private void probe(String path) {
        try {
            present().probe(path);
        } catch (OutOfMemoryError noThread) {
            LOG.atError().setCause(noThread).addKeyValue("worker", name).log("worker could not be asked");
            kill("no thread could be started that asks its readiness path", ExitInfo.Cause.NOT_STARTED);
        }
    }

    void probed() {
        if (status.state() == WorkerState.STARTING) {
            becomeReady("its readiness path is answered");
        }
    }

    private void becomeReady(String why) {
        WorkerInfo ready = present().becomeReady();
        deadline = NEVER;
        failure = Optional.empty();
        if (parked) {
            enter(WorkerState.PARKED, why + "; its generation is kept for a rollback");
        } else if (held) {
            enter(WorkerState.READY, why + "; it is held back until all of its generation are ready");
        } else {
            enter(WorkerState.READY, why);
            onTrial = false;
            group.observer().onReady(ready);
        }
    }

    /** It takes requests, while its generation still has to prove itself. */
    void prove() {
        held = false;
        proving = true;
        onTrial = true;
        serve("its generation proves itself", group.observer()::onProving);
    }

    /** It is held back no longer, has proven itself, or is kept no longer. */
    @Override
    public void admit(String why) {
        boolean servesAlready = !held;
        held = false;
        parked = false;
        proving = false;
        onTrial = false;
        serve(why, servesAlready ? ready -> {} : group.observer()::onReady);
    }

    /** It gets no new request and stays, for its generation may be wanted again. */
    void park() {
        held = true;
        parked = true;
        if (isReady()) {
            enter(WorkerState.PARKED, "its generation is kept for a rollback");
            attempt.flatMap(Attempt::info).ifPresent(group.observer()::onParked);
        }
    }

    private void serve(String why, Consumer<WorkerInfo> told) {
        if (isReady() || isParked()) {
            enter(WorkerState.READY, why);
            attempt.flatMap(Attempt::info).ifPresent(told);
        }
    }

    @Override
    public CompletableFuture<Optional<String>> warm() {
        return attempt.map(Attempt::warm).orElseGet(() -> CompletableFuture.completedFuture(Optional.of(whyEnded())));
    }

    /** Takes it out of service, then ends its process and starts another. */
    void restart(String why) {
        switch (status.state()) {
            case STARTING -> stopPolitely(why);
            case READY, PARKED -> drain(why, group.plan().workers().drainTimeout());
            case EXITED -> {
                crashes.forgive();
                if (settled) {
                    start(why);
                }
            }
            case DRAINING, STOPPING -> {} // on its way already
        }
    }

    /** Its process hangs: it writes its stacks, is killed, and another takes its place. */
    void hangs(String why) {
        if (status.state() != WorkerState.READY) {
            return;
        }
        hung = true;
        LOG.atError().addKeyValue("worker", name).addKeyValue("reason", why).log("worker hangs and is replaced");
        present().tellStacks();
        drain("it hangs: " + why, STACKS_MOST);
    }

    /** Takes it out of service and ends it for good; why, for people. */
    void stop(Duration drain, Duration tasks, String why) {
        last = true;
        switch (status.state()) {
            case STARTING -> stopPolitely(why);
            case READY, PARKED -> drain(why, drain);
            case EXITED -> endIfSettled();
            case DRAINING -> deadline = Math.min(deadline, after(drain));
            case STOPPING -> {}
        }
        drainEnds = after(tasks);
    }

    /** Ends it for good at once. */
    void stopNow() {
        last = true;
        if (status.state() == WorkerState.EXITED) {
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
        drainEnds = deadline;
        enter(WorkerState.DRAINING, why);
        present().drain();
    }

    void idle() {
        if (status.state() == WorkerState.DRAINING && present().idle()) {
            stopPolitely("nothing is in flight");
        }
    }

    private void stopPolitely(String why) {
        deadline = after(group.plan().workers().stopTimeout());
        if (status.state() == WorkerState.DRAINING && present().runsAsgi()) {
            // Tasks that go on behind an answer, and what the application does at its end, have what is left of the
            // drain.
            deadline = Math.max(deadline, drainEnds);
        }
        enter(WorkerState.STOPPING, why);
        present().signalPolitely();
    }

    private void kill(String why, ExitInfo.Cause because) {
        deadline = after(KILL_AGAIN);
        if (status.state() != WorkerState.STOPPING || !status.reason().equals(why)) {
            enter(WorkerState.STOPPING, why);
        }
        present().kill(because);
    }

    void deadlinePassed() {
        deadline = NEVER;
        switch (status.state()) {
            case STARTING -> {
                boolean failed = present().failure().isPresent();
                kill(
                        failed ? "its start failed" : "it was not ready in time",
                        failed ? ExitInfo.Cause.NOT_STARTED : ExitInfo.Cause.START_TIMEOUT);
            }
            case DRAINING -> {
                if (hung) {
                    kill("it hung", ExitInfo.Cause.HUNG);
                } else {
                    stopPolitely("requests were in flight for longer than the drain timeout");
                }
            }
            case STOPPING -> {
                ExitInfo.Cause cause = present().cause();
                LOG.atWarn()
                        .addKeyValue("worker", name)
                        .log("worker is killed: it did not end in time, and what it was still at is lost");
                kill("it did not end in time", cause == ExitInfo.Cause.STOPPED ? ExitInfo.Cause.KILLED : cause);
            }
            case EXITED -> {
                if (settled) {
                    start("the backoff is over");
                } else {
                    settle();
                }
            }
            case READY, PARKED -> throw new IllegalStateException(name + " is ready and has a deadline");
        }
    }

    /** Whether its process ended is looked at, too: the news of it comes by threads that there may not be. */
    void look() {
        attempt.map(Attempt::ended).ifPresent(exit -> exit.ifPresent(this::exited));
    }

    /** Its process ended: its place is free at once; what follows waits for its last lines. May be told twice. */
    @Override
    public void exited(int exitStatus) {
        if (present().exit().isPresent()) {
            return;
        }
        present().exited(exitStatus);
        status.gone();
        deadline = after(LAST_WORDS);
        settleIfSilent();
    }

    @Override
    public void outputEnded() {
        present().outputEnded();
        look(); // it ends with its process
        settleIfSilent();
    }

    @Override
    public void saidAll() {
        present().saidAll();
        look();
        settleIfSilent();
    }

    private void settleIfSilent() {
        if (status.state() == WorkerState.EXITED && !settled && present().isSilent()) {
            settle();
        }
    }

    private void settle() {
        ExitInfo exit = present().exit().orElseThrow();
        present().abandon();
        boolean asked = exit.cause() == ExitInfo.Cause.STOPPED
                || exit.cause() == ExitInfo.Cause.KILLED
                || exit.cause() == ExitInfo.Cause.HUNG;
        // Whoever proves itself has one process to do so.
        if ((!asked || proving) && !last) {
            String when = exit.cause() == ExitInfo.Cause.CRASHED ? "" : " before it was ready";
            String how = present().isBroken() ? "it broke the rules of the control channel" : exit.text();
            settleCrash(how + when, present().fatalAtFirst());
            return;
        }
        settled = true;
        String end = hung ? " after it hung" : asked ? " after it was asked to end" : "";
        enter(WorkerState.EXITED, exit.text() + end);
        if (last) {
            endIfSettled();
        } else {
            start(hung ? "in place of one that hung" : "another took its place");
        }
    }

    private void settleCrash(String why, Optional<StartFailure> fatalAtFirst) {
        settled = true;
        boolean wasReady = attempt.flatMap(Attempt::info).isPresent();
        long delay = crashes.add(wasReady && status.age() >= HEALTHY);
        deadline = group.nanoTime().getAsLong() + delay;
        List<String> lines = attempt.map(Attempt::lastLines).orElse(List.of());
        failure = fatalAtFirst.or(
                () -> wasReady ? Optional.empty() : Optional.of(new StartFailure.NeverReady(name, why, lines)));
        enter(WorkerState.EXITED, crashes.isCrashLoop() ? "crash loop: " + why : why);
        crashes.log(name, status.reason(), lines, failure);
        if (onTrial) {
            last = true;
        } else {
            fatalAtFirst
                    .or(() -> crashes.failures() < TRIES_AT_FIRST_START
                            ? Optional.empty()
                            : Optional.of(new StartFailure.NeverReady(name, "ended again and again: " + why, lines)))
                    .ifPresent(group.failedFirst());
        }
        if (last) {
            endIfSettled();
        } else if (delay == 0) {
            start("at once after: " + why);
        }
    }

    private long after(Duration duration) {
        return group.nanoTime().getAsLong() + duration.toNanos();
    }

    private void enter(WorkerState next, String why) {
        status.enter(next, why, starts, attempt, failure);
    }
}
