package terpan.pool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import terpan.link.Connections;
import terpan.link.HttpLink;
import terpan.link.Link;
import terpan.link.WorkerEndpoint;
import terpan.loop.Loop;
import terpan.worker.WorkerInfo;

/**
 * Workers that accept on one socket. The kernel chooses which of them takes a connection, so each carries one request: a kept one would
 * bind later requests to a worker that may be busy, or about to end.
 */
final class SharedEndpoint implements WorkerEndpoint {
    private final WorkerInfo first;
    private final WorkerProcesses processes;
    private final Supplier<Duration> connectTimeout;

    /** Each lives for one request: as many as the slot's window lets in. */
    private final Connections connections;

    private final List<Long> workers = new CopyOnWriteArrayList<>();

    SharedEndpoint(WorkerInfo first, WorkerProcesses processes, Supplier<Duration> connectTimeout) {
        this.connectTimeout = connectTimeout;
        this.first = first;
        this.connections = new Connections(Integer.MAX_VALUE);
        this.processes = processes;
    }

    void join(long pid) {
        workers.add(pid);
    }

    void leave(long pid) {
        workers.remove(pid);
    }

    boolean isEmpty() {
        return workers.isEmpty();
    }

    @Override
    public String name() {
        return first.group().name();
    }

    @Override
    public Link open(Loop loop) {
        return new HttpLink(
                loop, first.address(), StartedEndpoint.limits(first, Duration.ZERO, connectTimeout), connections);
    }

    @Override
    public boolean alive() {
        return workers.stream().anyMatch(processes::isAlive);
    }

    /** The places of all of them are lost. */
    @Override
    public void hangs(String why) {
        workers.forEach(pid -> processes.hangs(pid, why));
    }

    /** Nobody knows which of them is meant. */
    @Override
    public void tellStacks() {
        if (first.profile().tellsStacks()) {
            workers.forEach(processes::tellStacks);
        }
    }
}
