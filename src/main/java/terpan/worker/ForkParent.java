package terpan.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a group that imports the application once and forks its workers, for as long as their generation runs. It is started
 * with the first worker. When it ends, its workers serve on, and another is started for those to come. Owned by the supervisor's thread.
 */
final class ForkParent implements Speaker {
    private static final Logger LOG = LoggerFactory.getLogger(ForkParent.class);

    /** So many orders fit into its connection, three times over. */
    private static final int ORDERS_MOST = 32;

    private static final long END_MOST = Duration.ofSeconds(1).toNanos();
    /** One that has lived for less is not replaced before a worker needs it. */
    private static final long HEALTHY = Duration.ofMinutes(1).toNanos();

    private final String name;
    private final WorkerPlan plan;
    private final WorkerServices services;
    private final Deque<ForkedProcess> waiting = new ArrayDeque<>();
    /** By their tokens: all that it was told to fork and that have not ended. */
    private final Map<String, ForkedProcess> forked = new HashMap<>();

    private Optional<Run> run = Optional.empty();
    private int runs;
    private boolean ending;

    /** Whether no further worker of it is wanted. */
    private boolean needless;

    /** Those that are gone, whose output a worker of theirs, or what the import has begun, may hold. */
    private final List<WorkerProcess> gone = new ArrayList<>();

    private long endBy = Long.MAX_VALUE;

    /** One process of it. */
    private static final class Run {
        private final Spawner.Spawned spawned;
        private final long began;
        private SessionLeader session;
        private Optional<ControlServer.Connection> control = Optional.empty();
        private boolean loaded;
        private boolean saidAll;
        private OptionalInt exit = OptionalInt.empty();

        Run(Spawner.Spawned spawned, SessionLeader session, long began) {
            this.spawned = spawned;
            this.session = session;
            this.began = began;
        }
    }

    ForkParent(WorkerPlan plan, WorkerServices services) {
        this.name = plan.group().name() + "-preload";
        this.plan = plan;
        this.services = services;
    }

    /** The process that leads its session; 0: there is none. */
    long pid() {
        return run.map(present -> present.session.pid()).orElse(0L);
    }

    /** Which process holds the other end of a worker's output: the worker itself, or where that is another user the parent, which is not. */
    private long holder(long worker) {
        return plan.otherUser() ? pid() : worker;
    }

    /** What a worker writes, by the number that its pipe has there. */
    Optional<ForkedProcess.Written> written(long worker, String number) throws IOException {
        return services.spawner().written(holder(worker), number);
    }

    /** A signal to a worker's own process, and to what descends from it. */
    void signal(long worker, int number) {
        services.guard().signal(worker, number);
    }

    /** Whether workers are another user than we: no signal of ours reaches them. */
    boolean isOutOfReach() {
        return Owner.current() != Owner.ofStarted();
    }

    long now() {
        return services.nanoTime().getAsLong();
    }

    /** How a process of it has ended, as far as the kernel tells us of our own user's. */
    int endOf(long worker) {
        return plan.otherUser() ? ExitInfo.UNKNOWN : SessionLeader.endOf(worker);
    }

    /** It does not tell what becomes of its workers: it hangs, and will fork none. */
    private void tellsNothing() {
        LOG.atWarn()
                .addKeyValue("parent", name)
                .addKeyValue("pid", pid())
                .log("what forks workers hangs and is killed");
        run.ifPresent(this::kill);
    }

    /** What it has written at last, and whether it has said a word. */
    ForkedProcess.Last left() {
        return run.map(present -> new ForkedProcess.Last(
                        present.spawned.process().lastLines(),
                        present.spawned.process().lateLines(),
                        present.control.isPresent()))
                .orElse(ForkedProcess.Last.NOTHING);
    }

    /**
     * Has a worker's process forked as soon as the application is imported.
     *
     * @throws IOException when the parent's process is needed and can not be started
     */
    void fork(ForkedProcess child) throws IOException {
        if (run.isEmpty()) {
            begin();
        }
        waiting.add(child);
        order();
    }

    private void begin() throws IOException {
        Spawner.Spawned spawned = services.spawner().spawnParent(plan, name);
        SessionLeader session = spawned.leader().orElseThrow();
        runs++;
        run = Optional.of(new Run(spawned, session, now()));
        services.guard().watch(session);
        LOG.atInfo()
                .addKeyValue("parent", name)
                .addKeyValue("pid", session.pid())
                .log("the application is imported, to fork workers");
    }

    /** As many orders as it is sure to take. */
    private void order() {
        if (run.isEmpty() || !run.get().loaded || run.get().exit.isPresent()) {
            return;
        }
        long open =
                forked.values().stream().filter(child -> !child.hasGreeted()).count();
        for (; open < ORDERS_MOST && !waiting.isEmpty(); open++) {
            ForkedProcess child = waiting.remove();
            forked.put(child.token(), child);
            try {
                if (child.wasAsked()) {
                    // What the parent before has forked of it may have bound it, and was turned away.
                    services.spawner().remove(Path.of(child.orders().getOrDefault("socket", "")));
                }
                child.asked();
                run.get().control.orElseThrow().order(child.orders());
            } catch (IOException gone) {
                return; // its end is told, and that of those that it was to fork
            }
        }
    }

    /** Nobody wants this one any more; true: it was not ordered yet. */
    boolean withdraw(ForkedProcess child) {
        return waiting.remove(child);
    }

    /** One that was wanted did not come in time. Where the parent is what it waits for, that one is ended. */
    void giveUp(ForkedProcess child) {
        child.givenUp();
        if (run.isEmpty()) {
            child.neverBegan(ForkedProcess.KILLED, ForkedProcess.Last.NOTHING);
        } else if (run.get().loaded && waiting.remove(child)) {
            child.neverBegan(ForkedProcess.KILLED, left());
        } else {
            kill(run.get());
        }
    }

    /** It alone: what descends from it are workers that serve. */
    private void kill(Run present) {
        services.guard().kill(present.session);
        ProcessHandle.of(present.spawned.process().pid()).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Override
    public boolean holds(String token) {
        return run.isPresent() && run.get().spawned.token().equals(token);
    }

    private Run present() {
        return run.orElseThrow(() -> new IllegalStateException(name + " has no process"));
    }

    @Override
    public void said(Map<String, String> fields, ControlServer.Connection connection) {
        switch (fields.getOrDefault("kind", "")) {
            case "hello" -> hello(fields, connection);
            case "loaded" -> {
                present().loaded = true;
                LOG.atInfo()
                        .addKeyValue("parent", name)
                        .addKeyValue("pid", pid())
                        .log("workers are forked from now on");
                order();
            }
            case "failed" ->
                // Each that waits has failed with it, and for the same reason.
                waiting.forEach(
                        child -> services.mailbox().accept(new Message.Said(child.token(), fields, connection)));
            case "ended" -> ended(fields);
            default -> throw new IllegalStateException(name + " said something unknown: " + fields.get("kind"));
        }
    }

    private void hello(Map<String, String> fields, ControlServer.Connection connection) {
        Run present = present();
        present.control = Optional.of(connection);
        Optional<SessionLeader> leader = SessionLeader.believed(
                Fields.pid(fields, "pid"), present.spawned.process().pid());
        if (leader.isEmpty()) {
            broke("a hello of a process that was not started for it, or leads no session");
            return;
        }
        if (!present.session.equals(leader.get())) {
            services.guard().forget(present.session);
            present.session = leader.get();
            services.guard().watch(present.session);
        }
        try {
            connection.go();
        } catch (IOException ended) {
            // Its process ends too, and says so.
        }
    }

    private void ended(Map<String, String> fields) {
        Optional<ForkedProcess> child = Optional.ofNullable(forked.remove(fields.getOrDefault("child", "")));
        String status = fields.getOrDefault("status", "");
        if (child.isEmpty() || !status.matches("\\d{1,3}")) {
            broke("the end of a process that it was not told to fork");
            return;
        }
        if (child.get().hasGreeted()) {
            child.get().ended(Integer.parseInt(status));
        } else {
            child.get().neverBegan(Integer.parseInt(status), left());
        }
        order();
    }

    /** A worker of it has greeted: there is room for another order. */
    void greeted() {
        order();
    }

    @Override
    public void broke(String why) {
        LOG.atError()
                .addKeyValue("parent", name)
                .addKeyValue("reason", why)
                .log("what forks workers broke the rules of the control channel and is killed");
        run.ifPresent(this::kill);
    }

    @Override
    public void outputEnded() {}

    @Override
    public void saidAll() {
        Run present = present();
        present.saidAll = true;
        if (present.exit.isPresent()) {
            settle(present, present.exit.getAsInt());
        }
    }

    @Override
    public void exited(int status) {
        Run present = present();
        present.exit = OptionalInt.of(status);
        if (present.saidAll || present.control.isEmpty()) {
            settle(present, status);
        } // else what it said of its workers' ends is on its way
    }

    private void settle(Run present, int status) {
        ForkedProcess.Last left = left();
        List<ForkedProcess> unborn = new ArrayList<>(waiting);
        forked.values().stream().filter(child -> !child.hasGreeted()).forEach(unborn::add);
        forked.values().forEach(ForkedProcess::orphaned);
        waiting.clear();
        forked.clear();
        run = Optional.empty();
        services.guard().kill(present.session);
        services.guard().forget(present.session);
        present.control.ifPresent(ControlServer.Connection::end);
        services.spawner().forget(present.spawned);
        gone.add(present.spawned.process());
        if (ending) {
            abandonOutputs();
        }
        for (ForkedProcess child : unborn) {
            // It is not a worker's fault that what was to fork it is killed.
            if (present.loaded && !ending && !needless && child.mayBeAskedAgain()) {
                waiting.add(child);
            } else {
                child.neverBegan(status, left);
            }
        }
        if (present.loaded && !ending && !needless) {
            replace(present, status);
        } // else it is told of the workers that it was to fork
    }

    private void abandonOutputs() {
        gone.forEach(WorkerProcess::abandonOutput);
        gone.clear();
    }

    /** Its generation ends: its workers serve on for a while, and no other is wanted. */
    void needless() {
        needless = true;
    }

    /** Ahead of need, unless it ends again and again. */
    private void replace(Run gone, int status) {
        LOG.atWarn()
                .addKeyValue("parent", name)
                .addKeyValue("reason", new ExitInfo(ExitInfo.Cause.CRASHED, status).text())
                .log("what forks workers has ended; those that it has forked serve on");
        boolean healthy = now() - gone.began >= HEALTHY;
        if (healthy || runs == 1 || !waiting.isEmpty()) {
            try {
                begin();
            } catch (IOException | RuntimeException | Error none) {
                LOG.atWarn()
                        .addKeyValue("parent", name)
                        .addKeyValue("reason", none.getMessage())
                        .log("another could not be started; it is tried with the next worker");
                waiting.forEach(child -> child.neverBegan(status, ForkedProcess.Last.NOTHING));
                waiting.clear();
            }
        }
    }

    /** Looks whether what should have ended has. */
    void look() {
        run.ifPresent(present -> {
            if (present.exit.isPresent()) {
                settle(present, present.exit.getAsInt()); // somebody else holds its connection
            } else if (present.spawned.process().exitStatus().isPresent()) {
                exited(present.spawned.process().exitStatus().getAsInt());
            } else if (now() >= endBy) {
                kill(present);
            } else if (forked.values().stream().anyMatch(child -> child.isOwed(now()))) {
                tellsNothing();
            }
        });
    }

    /** No worker needs it any more; whether it is gone. May be called again and again. */
    boolean end() {
        if (!ending) {
            ending = true;
            endBy = now() + END_MOST;
            run.ifPresent(present -> {
                if (present.loaded) {
                    present.control.orElseThrow().end();
                } else {
                    kill(present);
                }
            });
        }
        if (run.isEmpty()) {
            abandonOutputs();
        }
        return run.isEmpty();
    }
}
