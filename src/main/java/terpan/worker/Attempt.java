package terpan.worker;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.server.PoliteSignal;
import terpan.server.Profiles;
import terpan.server.ServerProfile;

/** One process of a worker, from its spawn until it is reaped, and what it told of itself. Owned by the supervisor's thread. */
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    private static final int SIGNALLED = 128;

    private final String name;
    private final Crew crew;
    private final Spawner.Spawned spawned;
    private Leader session;
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

    private Attempt(String name, Crew crew, Spawner.Spawned spawned) {
        this.name = name;
        this.crew = crew;
        this.spawned = spawned;
        this.session = spawned.leader();
        this.profile = crew.plan().profile();
    }

    /**
     * Spawns the process and tells the guard of it.
     *
     * @throws IOException when the interpreter can not be executed
     */
    static Attempt begin(String name, int index, Crew crew) throws IOException {
        Spawner.Spawned spawned = crew.spawner().spawn(crew.plan(), name, index, crew.shared());
        try {
            Attempt attempt = new Attempt(name, crew, spawned);
            crew.guard().watch(attempt.session);
            return attempt;
        } catch (RuntimeException | Error unowned) {
            spawned.process().kill();
            throw unowned;
        }
    }

    /** Its exit status, once it has ended, whether that was told or not. */
    OptionalInt ended() {
        WorkerProcess process = spawned.process();
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitStatus());
    }

    String token() {
        return spawned.token();
    }

    /** The process that leads the worker's session. */
    long pid() {
        return session.pid();
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

    ExitInfo.Cause cause() {
        return cause;
    }

    /** There once the process has ended. */
    Optional<ExitInfo> exit() {
        return exit;
    }

    boolean isOutputEnded() {
        return outputEnded;
    }

    void outputEnded() {
        outputEnded = true;
    }

    /** It has ended, and what is still written is not its own. */
    void abandonOutput() {
        if (!outputEnded) {
            spawned.process().abandonOutput();
        }
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
        Optional<Leader> leader = Leader.believed(told, spawned.process().pid());
        if (leader.isEmpty()) {
            return Optional.of("a hello of process \"" + ControlOrder.shown(fields.getOrDefault("pid", ""))
                    + "\", which is none that was started for it and leads a session");
        }
        if (!session.equals(leader.get())) {
            // The interpreter is a script that started the real one: that one leads the session.
            crew.guard().forget(session);
            session = leader.get();
            crew.guard().watch(session);
            crew.spawner().leads(spawned, told);
        }
        return Optional.empty();
    }

    /** Takes it out of service. {@link Message.Idle} comes when nothing is in flight that it could hold. */
    void drain() {
        info.ifPresent(ready -> crew.observer().onDraining(ready, this::tellIdle));
    }

    /**
     * Nothing is in flight that it could hold; true: it may end. One that shares its socket may be given more by the kernel: it is
     * made deaf first, and what it accepted until then has to end too.
     */
    boolean idle() {
        if (!crew.plan().shared() || deaf) {
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
            crew.shared().ifPresent(SharedSocket::ring);
            info.ifPresent(ready -> crew.observer().onDeaf(ready, this::tellIdle));
        }
    }

    private void tellIdle() {
        crew.mailbox().accept(new Message.Idle(token()));
    }

    /** It may go on, for the guard knows it. Empty: it listens where it was told to; otherwise what is wrong. */
    Optional<String> bound(Map<String, String> fields) {
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
        crew.spawner().accepts(session.pid(), Fields.pid(fields, "pid"));
        serverVersion = ControlOrder.shown(fields.getOrDefault("server", ""));
        pythonVersion = ControlOrder.shown(fields.getOrDefault("python", ""));
        profile = crew.plan().profile("asgi".equals(fields.get("interface")));
    }

    /** Whether its application is an ASGI one: known once it accepts. */
    boolean runsAsgi() {
        return profile.hearsLeaving();
    }

    void failed(Map<String, String> fields) {
        WorkerPlan plan = crew.plan();
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
                socketAddress(), spawned.secret(), path, () -> crew.mailbox().accept(new Message.Probed(token()))));
    }

    WorkerInfo becomeReady() {
        WorkerInfo ready = new WorkerInfo(
                name,
                crew.plan().group(),
                session.pid(),
                crew.generation(),
                socketAddress(),
                profile,
                spawned.secret(),
                crew.plan().otherUser());
        info = Optional.of(ready);
        cause = ExitInfo.Cause.CRASHED;
        return ready;
    }

    private SocketAddress socketAddress() {
        return address.orElseThrow();
    }

    void signalPolitely() {
        cause = ExitInfo.Cause.STOPPED;
        PoliteSignal signal = crew.plan().profile().politeSignal();
        if (signal == PoliteSignal.TERM && session.pid() == spawned.process().pid()) {
            spawned.process().terminate();
        } else {
            crew.guard().signal(session.pid(), signal.number());
        }
    }

    /** Has the process that accepts write its stacks, if its server can. */
    void tellStacks() {
        if (profile.tellsStacks()) {
            int number = ServerProfile.STACK_SIGNAL;
            crew.guard().signal(crew.spawner().target(session.pid(), number), number);
        }
    }

    /** SIGKILL to the process and to all of its session. */
    void kill(ExitInfo.Cause because) {
        cause = because;
        crew.guard().kill(session);
        spawned.process().kill();
    }

    /** The process has ended: ends what is left of its session, removes its socket, tells the observer. */
    void exited(int status) {
        ExitInfo how = new ExitInfo(cause, status);
        exit = Optional.of(how);
        probe.ifPresent(ReadinessProbe::cancel);
        crew.guard().kill(session);
        crew.guard().forget(session);
        // What outlives it may hold the other end of both.
        control.ifPresent(ControlServer.Connection::end);
        try {
            crew.spawner().reaped(spawned);
        } catch (IOException error) {
            LOG.atWarn().addKeyValue("worker", name).addKeyValue("error", error).log("worker socket not removed");
        }
        info.ifPresent(ready -> crew.observer().onExited(ready, how));
    }

    /** What its end means where no worker was ever ready; empty: starting again may mend it. */
    Optional<StartFailure> fatalAtFirst() {
        int status = exit.map(ExitInfo::status).orElse(0);
        if (failure.isPresent()) {
            return failure;
        }
        if (info.isEmpty() && status == LauncherExit.TOO_OLD) {
            return Optional.of(new StartFailure.PythonTooOld(crew.plan().interpreter(), lastLines()));
        }
        if (control.isEmpty() && status < SIGNALLED && status != LauncherExit.CONTROL_LOST) {
            return Optional.of(new StartFailure.NotPython(crew.plan().interpreter(), lastLines()));
        }
        return cause == ExitInfo.Cause.START_TIMEOUT
                ? Optional.of(new StartFailure.NeverReady(
                        name, "was not ready within " + crew.plan().workers().startTimeout(), lastLines()))
                : Optional.empty();
    }
}
