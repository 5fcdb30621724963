package terpan.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Starts launchers and the guard, and knows which processes live. Started by the supervisor's thread; {@link #isAlive} by any. */
final class Spawner {
    /** One process that was started, with what belongs to it alone. */
    record Spawned(WorkerProcess process, String token, Path socket) {}

    private final WorkerPlan plan;
    private final RunDirectory directory;
    private final PythonFiles python;
    private final ControlServer control;
    private final LineObserver lines;
    private final Consumer<Message> mailbox;
    private final Supplier<String> tokens;
    private final Map<Long, WorkerProcess> alive = new ConcurrentHashMap<>();

    Spawner(
            WorkerPlan plan,
            RunDirectory directory,
            PythonFiles python,
            ControlServer control,
            LineObserver lines,
            Consumer<Message> mailbox,
            Supplier<String> tokens) {
        this.plan = plan;
        this.directory = directory;
        this.python = python;
        this.control = control;
        this.lines = lines;
        this.mailbox = mailbox;
        this.tokens = tokens;
    }

    /**
     * Starts a worker's process.
     *
     * @throws IOException when the interpreter can not be executed
     */
    Spawned spawn(String name, int index, int start) throws IOException {
        String token = tokens.get();
        Path socket = directory.workerSocket(index, start);
        Map<String, String> environment =
                new java.util.HashMap<>(plan.application().environment());
        environment.put("TERPAN_LAUNCH", WorkerProcess.orders(plan, name, token, directory.controlSocket(), socket));
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
            return new Spawned(process, token, socket);
        } catch (IOException error) {
            control.forget(token);
            throw error;
        }
    }

    Guard guard() throws IOException {
        return Guard.start(
                plan.interpreter(), python.guardFile(), lines, () -> mailbox.accept(new Message.GuardExited()));
    }

    /** Forgets a process that ended and removes its socket. */
    void reaped(Spawned spawned) throws IOException {
        alive.remove(spawned.process().pid(), spawned.process());
        control.forget(spawned.token());
        if (!plan.loopback()) {
            Files.deleteIfExists(spawned.socket());
        }
    }

    /** Where a process listens, by the address that its launcher told. */
    SocketAddress address(String told) {
        return plan.loopback()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(told))
                : UnixDomainSocketAddress.of(told);
    }

    boolean isAlive(long pid) {
        WorkerProcess process = alive.get(pid);
        return process != null && process.isAlive();
    }
}
