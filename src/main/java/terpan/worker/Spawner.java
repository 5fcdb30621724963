package terpan.worker;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import terpan.handover.DescriptorChannel;
import terpan.server.ServerProfile;

/** Starts launchers and the guard, and knows which processes live. Started by the supervisor's thread; {@link #isAlive} by any. */
final class Spawner {
    private static final int PORT_MOST = 65_535;
    static final String MARK = "mark";
    private static final Set<String> OWN = Set.of("name", "token", MARK, "socket", "secret", "shared");

    /**
     * One process that was started, with what belongs to it alone.
     *
     * @param socket the path that it was told to listen at; empty: a loopback port that it chooses
     * @param leader who leads its session; empty: it is to be forked, and says so itself
     * @param ownSocket its socket, to be removed after it; empty: it has none that has a name, or shares one
     * @param secret by this it knows the front on a loopback port, which everybody can reach; empty: nobody else can
     */
    record Spawned(
            WorkerProcess process,
            Optional<SessionLeader> leader,
            String token,
            String socket,
            Optional<Path> ownSocket,
            String secret) {}

    /** A process that was started; where that is a script, the one that it started in its turn, which leads the session. */
    private record Living(WorkerProcess process, Optional<ProcessHandle> behindScript) {
        boolean isAlive() {
            return process.isAlive()
                    && (behindScript.isEmpty() || behindScript.get().isAlive());
        }
    }

    private final String starter;
    private final RunDirectory directory;
    private final PythonFiles python;
    private final ControlServer control;
    private final LineObserver lines;
    private final Consumer<Message> mailbox;
    private final SecureRandom random = new SecureRandom();
    private final Map<Long, Living> alive = new ConcurrentHashMap<>();
    private final Map<Long, Long> accepting = new ConcurrentHashMap<>();
    private int sockets;

    Spawner(
            String starter,
            RunDirectory directory,
            PythonFiles python,
            ControlServer control,
            LineObserver lines,
            Consumer<Message> mailbox) {
        this.starter = starter;
        this.directory = directory;
        this.python = python;
        this.control = control;
        this.lines = lines;
        this.mailbox = mailbox;
    }

    /**
     * Starts a worker's process.
     *
     * @param parent forks it; empty: it is our own child
     * @param index the worker's number over all groups; several processes may have it at a time
     * @param shared the socket that it shares
     * @throws IOException when the interpreter can not be executed
     */
    Spawned spawn(WorkerPlan plan, String name, int index, Optional<SharedSocket> shared, Optional<ForkParent> parent)
            throws IOException {
        String token = token();
        Optional<Path> ownSocket = shared.isPresent() || plan.loopback()
                ? Optional.empty()
                : Optional.of(directory.workerSocket(index, ++sockets));
        String mark = plan.requestIds() ? token() : "";
        Map<String, String> orders = LaunchOrders.of(plan, name, token, mark, directory.controlSocket());
        String socket = shared.map(SharedSocket::path)
                .or(() -> ownSocket)
                .map(Path::toString)
                .orElse("");
        orders.put("socket", socket);
        String secret = plan.loopback() ? token() : "";
        orders.put("secret", secret);
        orders.put("shared", shared.map(each -> each.handOut().toString()).orElse(""));
        control.expect(token);
        try {
            if (parent.isPresent()) {
                ForkedProcess process =
                        new ForkedProcess(name, token, ownOf(orders), parent.get(), lines, tells(token));
                parent.get().fork(process);
                return new Spawned(process, Optional.empty(), token, socket, ownSocket, secret);
            }
            WorkerProcess process = begin(name, plan, orders, tells(token));
            alive.put(process.pid(), new Living(process, Optional.empty()));
            return new Spawned(
                    process, Optional.of(SessionLeader.started(process.pid())), token, socket, ownSocket, secret);
        } catch (IOException | RuntimeException | Error failed) {
            control.forget(token); // one that began nevertheless is turned away, and ends
            throw failed;
        }
    }

    /** What one worker is told and another is not. */
    private static Map<String, String> ownOf(Map<String, String> orders) {
        Map<String, String> own = new LinkedHashMap<>(orders);
        own.keySet().retainAll(OWN);
        return own;
    }

    /**
     * Starts the process that forks a group's workers.
     *
     * @throws IOException when the interpreter can not be executed
     */
    Spawned spawnParent(WorkerPlan plan, String name) throws IOException {
        String token = token();
        Map<String, String> orders = LaunchOrders.of(plan, name, token, "", directory.controlSocket());
        orders.put("preload", "true");
        orders.put("secret", "");
        control.expectParent(token);
        try {
            WorkerProcess process = begin(name, plan, orders, tells(token));
            SessionLeader leader = SessionLeader.started(process.pid());
            return new Spawned(process, Optional.of(leader), token, "", Optional.empty(), "");
        } catch (IOException | RuntimeException | Error failed) {
            control.forget(token);
            throw failed;
        }
    }

    private WorkerProcess begin(
            String name, WorkerPlan plan, Map<String, String> orders, WorkerProcess.Observer observer)
            throws IOException {
        Optional<RootSide> helper = directory.root();
        if (helper.isPresent()) {
            orders.putAll(OtherUser.orders(plan.application(), plan.interpreter()));
            return helper.get().start(name, orders, lines, observer);
        }
        return SpawnedProcess.spawn(
                name,
                orders.getOrDefault(MARK, ""),
                command(plan),
                environment -> environment(plan, orders, environment),
                lines,
                observer);
    }

    /** Who came with this process's token was not it. */
    void expectAgain(Spawned spawned) {
        control.expect(spawned.token());
    }

    /** A process that is no worker has ended. */
    void forget(Spawned spawned) {
        control.forget(spawned.token());
    }

    private WorkerProcess.Observer tells(String token) {
        return new WorkerProcess.Observer() {
            @Override
            public void exited(int status) {
                mailbox.accept(new Message.Exited(token, status));
            }

            @Override
            public void outputEnded() {
                mailbox.accept(new Message.OutputEnded(token));
            }
        };
    }

    private List<String> command(WorkerPlan plan) throws IOException {
        return plan.otherUser()
                ? OtherUser.command(starter(plan), python)
                : List.of(plan.interpreter(), python.startFile().toString());
    }

    private static String starter(WorkerPlan plan) throws IOException {
        try {
            return OtherUser.starter(plan.application(), plan.interpreter());
        } catch (StartException none) {
            throw new IOException(none.failure().message(), none);
        }
    }

    private static void environment(WorkerPlan plan, Map<String, String> orders, Map<String, String> environment) {
        if (plan.otherUser()) {
            OtherUser.clean(environment);
            orders.putAll(OtherUser.orders(plan.application(), plan.interpreter()));
        } else {
            environment.putAll(plan.application().environment());
        }
        environment.put("TERPAN_LAUNCH", Fields.encode(orders));
    }

    private String token() {
        byte[] token = new byte[16];
        random.nextBytes(token);
        return HexFormat.of().formatHex(token);
    }

    Guard guard() throws IOException {
        Runnable exited = () -> mailbox.accept(new Message.GuardExited());
        Optional<RootSide> helper = directory.root();
        return Guard.start(
                helper.isPresent()
                        ? () -> helper.get().guard(lines, exited)
                        : Guard.ourOwn(starter, python.guardFile(), lines, exited));
    }

    /** Forgets a process that ended and removes its socket. */
    void reaped(Spawned spawned) throws IOException {
        alive.values().removeIf(living -> living.process() == spawned.process());
        accepting.keySet().retainAll(alive.keySet());
        control.forget(spawned.token());
        if (spawned.ownSocket().isPresent()) {
            directory.remove(spawned.ownSocket().get());
        }
    }

    /** Where a process listens: where it was told to, or at the port that it says; empty: what it says is neither. */
    static Optional<SocketAddress> address(Spawned spawned, String told) {
        if (!spawned.socket().isEmpty()) {
            return told.equals(spawned.socket()) ? Optional.of(UnixDomainSocketAddress.of(told)) : Optional.empty();
        }
        int port = told.matches("[1-9]\\d{0,4}") ? Integer.parseInt(told) : 0;
        return port > 0 && port <= PORT_MOST
                ? Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                : Optional.empty();
    }

    /** The process that we started is not the worker itself but a script that started it. */
    void leads(Spawned spawned, long pid) {
        ProcessHandle.of(pid).ifPresent(leader -> alive.put(pid, new Living(spawned.process(), Optional.of(leader))));
    }

    /** A process that was forked for us has said which it is. */
    void isForked(Spawned spawned, long pid) {
        alive.put(pid, new Living(spawned.process(), Optional.empty()));
    }

    /** A process says that it accepts, the worker's first or, under a server with a master, a child of it. */
    void accepts(long leader, long pid) {
        accepting.put(leader, pid);
    }

    /**
     * Where a signal for a worker's process goes: that for stacks to the process that accepts, the others to the one that leads. A master
     * may do what it likes at the signal for stacks. Nobody's word is taken for a process: the guard signals those of the session alone.
     */
    long target(long pid, int number) {
        return number == ServerProfile.STACK_SIGNAL ? accepting.getOrDefault(pid, pid) : pid;
    }

    /**
     * Where a worker writes that was forked.
     *
     * @param holder the process that has the pipe's other end
     * @param number by which it has it
     * @return empty: it is no pipe of it
     */
    Optional<ForkedProcess.Written> written(long holder, String number) throws IOException {
        Optional<RootSide> helper = directory.root();
        if (helper.isPresent()) {
            DescriptorChannel.Descriptor descriptor = helper.get().output(holder, number);
            return Optional.of(new ForkedProcess.Written(descriptor.input(), WorkerOutput.link(descriptor.place())));
        }
        Path descriptor = Path.of("/proc", Long.toString(holder), "fd", number);
        String pipe = WorkerOutput.link(descriptor);
        return pipe.startsWith("pipe:")
                ? Optional.of(new ForkedProcess.Written(new FileInputStream(descriptor.toFile()), pipe))
                : Optional.empty();
    }

    /** Whether who has started processes is there to signal them; the guard is in any case. */
    boolean signals() {
        return directory.root().stream().noneMatch(RootSide::isGone);
    }

    /** A name of a socket that nobody listens at any more. */
    void remove(Path socket) throws IOException {
        directory.remove(socket);
    }

    boolean isAlive(long pid) {
        Living living = alive.get(pid);
        return living != null && living.isAlive();
    }
}
