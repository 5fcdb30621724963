package terpan.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import terpan.server.ServerProfile;

/** Starts launchers and the guard, and knows which processes live. Started by the supervisor's thread; {@link #isAlive} by any. */
final class Spawner {
    /**
     * One process that was started, with what belongs to it alone.
     *
     * @param ownSocket its socket, to be removed after it; empty: it has none that has a name, or shares one
     * @param secret by this it knows the front on a loopback port, which everybody can reach; empty: nobody else can
     */
    record Spawned(WorkerProcess process, String token, Optional<Path> ownSocket, String secret) {}

    private final String interpreter;
    private final RunDirectory directory;
    private final PythonFiles python;
    private final ControlServer control;
    private final LineObserver lines;
    private final Consumer<Message> mailbox;
    private final SecureRandom random = new SecureRandom();
    private final Map<Long, WorkerProcess> alive = new ConcurrentHashMap<>();
    private final Map<Long, Long> accepting = new ConcurrentHashMap<>();

    Spawner(
            String interpreter,
            RunDirectory directory,
            PythonFiles python,
            ControlServer control,
            LineObserver lines,
            Consumer<Message> mailbox) {
        this.interpreter = interpreter;
        this.directory = directory;
        this.python = python;
        this.control = control;
        this.lines = lines;
        this.mailbox = mailbox;
    }

    /**
     * Starts a worker's process.
     *
     * @param index the worker's number over all groups
     * @param shared the socket that it shares
     * @throws IOException when the interpreter can not be executed
     */
    Spawned spawn(WorkerPlan plan, String name, int index, int start, Optional<SharedSocket> shared)
            throws IOException {
        String token = token();
        Optional<Path> ownSocket = shared.isPresent() || plan.loopback()
                ? Optional.empty()
                : Optional.of(directory.workerSocket(index, start));
        Map<String, String> environment =
                new java.util.HashMap<>(plan.application().environment());
        Map<String, String> orders = WorkerProcess.orders(plan, name, token, directory.controlSocket());
        orders.put(
                "socket",
                shared.map(SharedSocket::path)
                        .or(() -> ownSocket)
                        .map(Path::toString)
                        .orElse(""));
        String secret = plan.loopback() ? token() : "";
        orders.put("secret", secret);
        orders.put("shared", shared.map(socket -> socket.handOut().toString()).orElse(""));
        environment.put("TERPAN_LAUNCH", Fields.encode(orders));
        control.expect(token);
        try {
            WorkerProcess process = WorkerProcess.spawn(
                    name,
                    List.of(plan.interpreter(), python.startFile().toString()),
                    environment,
                    lines,
                    status -> mailbox.accept(new Message.Exited(token, status)),
                    () -> mailbox.accept(new Message.OutputEnded(token)));
            alive.put(process.pid(), process);
            return new Spawned(process, token, ownSocket, secret);
        } catch (IOException | RuntimeException | Error failed) {
            control.forget(token); // one that began nevertheless is turned away, and ends
            throw failed;
        }
    }

    private String token() {
        byte[] token = new byte[16];
        random.nextBytes(token);
        return HexFormat.of().formatHex(token);
    }

    Guard guard() throws IOException {
        return Guard.start(interpreter, python.guardFile(), lines, () -> mailbox.accept(new Message.GuardExited()));
    }

    /** Forgets a process that ended and removes its socket. */
    void reaped(Spawned spawned) throws IOException {
        alive.values().remove(spawned.process()); // under its own number, and under that of a leader
        alive.values().remove(spawned.process());
        accepting.keySet().retainAll(alive.keySet());
        control.forget(spawned.token());
        if (spawned.ownSocket().isPresent()) {
            Files.deleteIfExists(spawned.ownSocket().get());
        }
    }

    /** Where a process listens, by the address that its launcher told. */
    static SocketAddress address(WorkerPlan plan, String told) {
        return plan.loopback()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(told))
                : UnixDomainSocketAddress.of(told);
    }

    /** The process that we started is not the worker itself but a script that started it. */
    void leads(Spawned spawned, long pid) {
        alive.put(pid, spawned.process());
    }

    /** A process says that it accepts, the worker's first or, under a server with a master, a child of it. */
    void accepts(long leader, long pid) {
        accepting.put(leader, pid);
    }

    /**
     * Where a signal for a worker's process goes: that for stacks to the process that accepts, the others to the one that we started.
     * Empty: to none. A master may do what it likes at the signal for stacks, and of a process that is not ours nobody's word is taken.
     */
    OptionalLong target(long pid, int number) {
        if (!isAlive(pid)) {
            return OptionalLong.empty();
        }
        long told = number == ServerProfile.STACK_SIGNAL ? accepting.getOrDefault(pid, 0L) : pid;
        boolean ours = told == pid
                || ProcessHandle.of(told)
                        .flatMap(ProcessHandle::parent)
                        .filter(parent -> parent.pid() == pid)
                        .isPresent();
        return ours ? OptionalLong.of(told) : OptionalLong.empty();
    }

    boolean isAlive(long pid) {
        WorkerProcess process = alive.get(pid);
        return process != null && process.isAlive();
    }
}
