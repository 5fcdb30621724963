package terpan.worker;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.Settings;
import terpan.config.Units;
import terpan.server.PoliteSignal;
import terpan.server.Profiles;
import terpan.server.ServerProfile;

/** One process of a worker, from its spawn until it is reaped, and what it told of itself. Owned by the supervisor's thread. */
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final int SIGNALLED = 128;

    private final String name;
    private final RunningGroup group;
    private final Spawner.Spawned spawned;
    private Optional<SessionLeader> session;
    private Optional<ControlServer.Connection> control = Optional.empty();
    private boolean deaf;
    private Optional<SocketAddress> address = Optional.empty();
    private String pythonVersion = "";
    private String serverVersion = "";
    private ServerProfile profile;
    private Optional<StartFailure> failure = Optional.empty();
    private Optional<ReadinessProbe> probe = Optional.empty();
    private Optional<WorkerInfo> info = Optional.empty();
    private ExitInfo.Cause cause = ExitInfo.Cause.NOT_STARTED;
    private Optional<ExitInfo> exit = Optional.empty();
    private boolean outputEnded;
    private boolean saidAll;

    private Attempt(String name, RunningGroup group, Spawner.Spawned spawned) {
        this.name = name;
        this.group = group;
        this.spawned = spawned;
        this.session = spawned.leader();
        this.profile = group.plan().profile();
    }

    /**
     * Spawns the process and tells the guard of it.
     *
     * @throws IOException when the interpreter can not be executed
     */
    static Attempt begin(String name, int index, RunningGroup group) throws IOException {
        Spawner.Spawned spawned = group.spawner().spawn(group.plan(), name, index, group.shared(), group.parent());
        try {
            Attempt attempt = new Attempt(name, group, spawned);
            attempt.session.ifPresent(group.guard()::watch);
            return attempt;
        } catch (RuntimeException | Error unowned) {
            spawned.process().kill();
            throw unowned;
        }
    }

    /** Its exit status, once it has ended, whether that was told or not. */
    OptionalInt ended() {
        return spawned.process().exitStatus();
    }

    String token() {
        return spawned.token();
    }

    /** The process that leads the worker's session; 0: it is still to be forked. */
    long pid() {
        return session.map(SessionLeader::pid).orElse(0L);
    }

    String pythonVersion() {
        return pythonVersion;
    }

    String serverVersion() {
        return serverVersion;
    }

    /** What it said of its failed start. */
    Optional<StartFailure> failure() {
        return failure;
    }

    /** There from the moment it was ready. */
    Optional<WorkerInfo> info() {
        return info;
    }

    /** Sends it the requests that its application is warmed with. Completed with what is wrong with the answers, or with nothing. */
    CompletableFuture<Optional<String>> warm() {
        List<String> targets = group.plan().application().warm();
        if (info.isEmpty() || targets.isEmpty()) {
            return CompletableFuture.completedFuture(
                    info.isEmpty() ? Optional.of("it is not ready") : Optional.empty());
        }
        CompletableFuture<Optional<String>> answers = group.observer().warm(info.get(), targets);
        var _ = answers.whenComplete((wrong, failed) -> group.mailbox().accept(new Message.Run(() -> {})));
        return answers;
    }

    ExitInfo.Cause cause() {
        return cause;
    }

    /** There once the process has ended. */
    Optional<ExitInfo> exit() {
        return exit;
    }

    /** Whether nothing more comes of it: all its lines and messages are here. */
    boolean isSilent() {
        return outputEnded && (saidAll || control.isEmpty());
    }

    void outputEnded() {
        outputEnded = true;
    }

    void saidAll() {
        saidAll = true;
    }

    /** It has ended: who still writes or speaks is not it, but what outlives it and holds the other ends. */
    void abandon() {
        if (!outputEnded) {
            spawned.process().abandonOutput();
        }
        control.ifPresent(ControlServer.Connection::end);
    }

    boolean isProbed() {
        return probe.isPresent();
    }

    List<String> lastLines() {
        return spawned.process().lastLines();
    }

    /** Empty: it is believed; otherwise why not. */
    Optional<String> hello(Map<String, String> fields, ControlServer.Connection connection) {
        control = Optional.of(connection);
        long told = Fields.pid(fields, "pid");
        Optional<SessionLeader> leader = SessionLeader.believed(
                told,
                spawned.process().origin(),
                !(group.parent().isPresent() && group.plan().otherUser()));
        if (leader.isEmpty() && session.isEmpty()) {
            // Forked by a parent that has ended: another comes in its place, by the same token.
            control = Optional.empty();
            connection.end();
            group.spawner().expectAgain(spawned);
            return Optional.empty();
        }
        if (leader.isEmpty()) {
            return Optional.of("a hello of process \"" + ControlOrder.shown(fields.getOrDefault("pid", ""))
                    + "\", which is none that was started for it and leads a session");
        }
        if (session.isEmpty()) {
            group.guard().watch(leader.get());
            group.spawner().isForked(spawned, told);
        } else if (!session.equals(leader)) {
            // The interpreter is a script that started the real one: that one leads the session.
            group.guard().forget(session.get());
            group.guard().watch(leader.get());
            group.spawner().leads(spawned, told);
        }
        session = leader;
        Optional<String> wrong = spawned.process().greeted(told, fields.getOrDefault("output", ""));
        group.parent().ifPresent(ForkParent::greeted);
        return wrong;
    }

    /** Takes it out of service. {@link Message.Idle} comes when nothing is in flight that it could hold. */
    void drain() {
        info.ifPresent(ready -> group.observer().onDraining(ready, this::tellIdle));
    }

    /**
     * Nothing is in flight that it could hold; true: it may end. One that shares its socket may be given more by the kernel: it is
     * made deaf first, and what it accepted until then has to end too.
     */
    boolean idle() {
        if (!group.plan().shared() || deaf) {
            return true;
        }
        try {
            control.orElseThrow().deafen();
        } catch (IOException ended) {
            // Its process ends too, and says so.
        }
        return false;
    }

    /** It accepts nothing more. */
    void deafened() {
        if (!deaf) {
            deaf = true;
            group.shared().ifPresent(SharedSocket::ring);
            info.ifPresent(ready -> group.observer().onDeaf(ready, this::tellIdle));
        }
    }

    private void tellIdle() {
        group.mailbox().accept(new Message.Idle(token()));
    }

    /** It may go on, for the guard knows it. Empty: it listens where it was told to; otherwise what is wrong. */
    Optional<String> bound(Map<String, String> fields) {
        if (control.isEmpty()) {
            return Optional.empty(); // of one that was not believed, and whose connection is closed
        }
        String told = fields.getOrDefault("address", "");
        address = Spawner.address(spawned, told);
        if (address.isEmpty()) {
            return Optional.of("it listens at \"" + ControlOrder.shown(told) + "\", and was told something else");
        }
        try {
            control.orElseThrow().go();
        } catch (IOException ended) {
            // Its process ends too, and says so.
        }
        return Optional.empty();
    }

    /** The process that does accepts; a server with a master says so again of each that it forks. */
    void accepts(Map<String, String> fields) {
        group.spawner().accepts(pid(), Fields.pid(fields, "pid"));
        serverVersion = ControlOrder.shown(fields.getOrDefault("server", ""));
        pythonVersion = ControlOrder.shown(fields.getOrDefault("python", ""));
        profile = group.plan().profile("asgi".equals(fields.get("interface")));
    }

    /** Whether its application is an ASGI one: known once it accepts. */
    boolean runsAsgi() {
        return profile.hearsLeaving();
    }

    void failed(Map<String, String> fields) {
        WorkerPlan plan = group.plan();
        String text = fields.getOrDefault("text", "");
        failure = Optional.of(
                switch (fields.getOrDefault("reason", "")) {
                    case "import" ->
                        new StartFailure.ImportFailed(plan.application().name(), text);
                    case "startup" ->
                        new StartFailure.StartupFailed(plan.application().name(), text);
                    case "interface" ->
                        new StartFailure.NotForServer(
                                plan.application().name(), plan.profile().name(), Profiles.asgiNames());
                    case "preload" ->
                        new StartFailure.NotPreloaded(plan.application().name(), text);
                    case "server" ->
                        new StartFailure.ServerMissing(
                                plan.profile().name(), plan.interpreter(), text, plan.installHint());
                    default -> new StartFailure.SetupFailed(name, text);
                });
    }

    boolean isBroken() {
        return failure.filter(StartFailure.ControlBroken.class::isInstance).isPresent();
    }

    void broke(String why) {
        failure = Optional.of(new StartFailure.ControlBroken(name, why));
    }

    void probe(String path) {
        probe = Optional.of(ReadinessProbe.start(
                socketAddress(), spawned.secret(), path, () -> group.mailbox().accept(new Message.Probed(token()))));
    }

    WorkerInfo becomeReady() {
        WorkerInfo ready = new WorkerInfo(
                name,
                group.plan().group(),
                pid(),
                group.generation(),
                socketAddress(),
                profile,
                spawned.secret(),
                group.plan().otherUser());
        info = Optional.of(ready);
        cause = ExitInfo.Cause.CRASHED;
        return ready;
    }

    private SocketAddress socketAddress() {
        return address.orElseThrow();
    }

    void signalPolitely() {
        cause = ExitInfo.Cause.STOPPED;
        PoliteSignal signal = group.plan().profile().politeSignal();
        if (session.isEmpty()
                || (signal == PoliteSignal.TERM
                        && pid() == spawned.process().pid()
                        && group.spawner().signals())) {
            spawned.process().terminate();
        } else {
            group.guard().signal(pid(), signal.number());
        }
    }

    /** Has the process that accepts write its stacks, if its server can. */
    void tellStacks() {
        if (profile.tellsStacks()) {
            int number = ServerProfile.STACK_SIGNAL;
            group.guard().signal(group.spawner().target(pid(), number), number);
        }
    }

    /** SIGKILL to the process and to all of its session. */
    void kill(ExitInfo.Cause because) {
        cause = because;
        session.ifPresent(group.guard()::kill);
        spawned.process().kill();
    }

    /** The process has ended: ends what is left of its session, removes its socket, tells the observer. */
    void exited(int status) {
        ExitInfo how = new ExitInfo(cause, status);
        exit = Optional.of(how);
        probe.ifPresent(ReadinessProbe::cancel);
        session.ifPresent(group.guard()::kill);
        session.ifPresent(group.guard()::forget);
        try {
            group.spawner().reaped(spawned);
        } catch (IOException error) {
            LOG.atWarn().addKeyValue("worker", name).addKeyValue("error", error).log("worker socket not removed");
        }
        info.ifPresent(ready -> group.observer().onExited(ready, how));
    }

    /** What its end means where no worker was ever ready; empty: starting again may mend it. */
    Optional<StartFailure> fatalAtFirst() {
        int status = exit.map(ExitInfo::status).orElse(0);
        if (failure.isPresent()) {
            return failure;
        }
        if (info.isEmpty() && status == LauncherExit.TOO_OLD) {
            return Optional.of(new StartFailure.PythonTooOld(group.plan().interpreter(), lastLines()));
        }
        if (control.isEmpty()
                && !spawned.process().hasSpoken()
                && status < SIGNALLED
                && status != LauncherExit.CONTROL_LOST) {
            return Optional.of(new StartFailure.NotPython(group.plan().interpreter(), lastLines()));
        }
        return cause == ExitInfo.Cause.START_TIMEOUT ? Optional.of(late()) : Optional.empty();
    }

    private StartFailure late() {
        Settings.Workers workers = group.plan().workers();
        String asked = isProbed()
                ? "did not answer its readiness path " + workers.readinessPath().orElse("")
                : "was not ready";
        String why = asked + " within " + Units.show(workers.startTimeout())
                + " (start-timeout of [workers] in the settings file, or --start-timeout)";
        List<String> lines = new ArrayList<>(lastLines());
        List<String> stacks = spawned.process().lateLines();
        if (!stacks.isEmpty()) {
            lines.add("It was at:");
            lines.addAll(stacks);
        }
        return new StartFailure.NeverReady(name, why, lines);
    }
}
