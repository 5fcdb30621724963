package terpan.daemon;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.AdminServer;
import terpan.admin.Health;
import terpan.admin.Operations;
import terpan.worker.Order;
import terpan.worker.RunDirectory;
import terpan.worker.WorkerSnapshot;
import terpan.worker.WorkerState;

/**
 * What a process has that another may take over: its sockets for clients, its run directory with the operators' socket, and that it is the
 * service. Both sides of it: given away ({@link Upgrade}), and had from the Terpan before.
 */
final class Handover implements Upgrade.Ours, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    /** Beyond what a worker may take to start. */
    private static final Duration SPARE = Duration.ofSeconds(10);

    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final RunDirectory directory;
    private final Listeners listeners;
    private final Optional<OperatorsListener> overTcp;
    private final Front front;
    private final Service service;
    private final Applications served;
    private final Runnable stop;

    private @Nullable AdminServer operators; // guarded by this

    Handover(
            RunDirectory directory,
            Listeners listeners,
            Optional<OperatorsListener> overTcp,
            Front front,
            Service service,
            Applications served,
            Runnable stop) {
        this.directory = directory;
        this.listeners = listeners;
        this.overTcp = overTcp;
        this.front = front;
        this.service = service;
        this.served = served;
        this.stop = stop;
    }

    /** Operators reach this process from now on. */
    synchronized void acceptOperators(Operations operations) throws IOException {
        Path socket = directory.operatorsSocket();
        operators = AdminServer.start(
                directory.door(socket),
                () -> directory.remove(socket),
                operations,
                overTcp.map(one -> one.dashboard),
                AdminServer.DEADLINE);
        overTcp.ifPresent(one -> one.start(operations));
    }

    /**
     * Waits until every worker is ready of the applications that the Terpan before serves, so that clients meet as many as before.
     *
     * @param most how long a worker may take
     * @param stops whether it is not to be waited for any more
     * @throws StartFailure one of them is not in time, and the Terpan before serves on
     */
    void awaitAll(Predecessor before, Duration most, BooleanSupplier stops) throws StartFailure, InterruptedException {
        long until = System.nanoTime() + most.plus(SPARE).toNanos();
        for (List<WorkerSnapshot> late = late(before); !late.isEmpty() && !stops.getAsBoolean(); late = late(before)) {
            WorkerSnapshot first = late.getFirst();
            if (System.nanoTime() - until > 0) {
                throw new StartFailure(
                        ExitCode.UNFINISHED,
                        "worker " + first.name() + " was not ready in time: it is "
                                + first.state().name().toLowerCase(Locale.ROOT) + ", " + first.reason());
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private List<WorkerSnapshot> late(Predecessor before) {
        return served.all().stream()
                .filter(one -> before.serves().contains(one.name()))
                .flatMap(one -> one.workers().snapshots().stream())
                .filter(worker -> worker.state() != WorkerState.READY)
                .toList();
    }

    /**
     * From now on this process, which accepts clients, has what the Terpan before had.
     *
     * @return false: that one does not let it have it, and keeps everything
     */
    boolean take(Predecessor before, Operations operations, Orders orders) throws IOException, InterruptedException {
        if (!before.isOurTurn()) {
            LOG.atError().addKeyValue("process", before.pid()).log("the Terpan before goes on, and this one ends");
            // Who waits to be accepted is left to it.
            front.handOver();
            directory.handOver();
            return false;
        }
        orders.adopt(before.operation(), new Order.Progress(Order.State.DONE, List.of(), ""));
        own();
        acceptOperators(operations);
        before.close();
        LOG.atInfo().addKeyValue("before", before.pid()).log("this process has taken the place of the one before");
        return true;
    }

    /** The sockets are this process's alone; so is the run directory, once the process before has ended. */
    private void own() throws IOException {
        listeners.own();
        directory.clearOperatorsSocket();
        Thread.ofPlatform().name("terpan-run-directory").daemon().start(this::inherit);
    }

    private void inherit() {
        try {
            directory.inherit();
        } catch (IOException unusable) {
            LOG.atError().setCause(unusable).log("the run directory can not be locked: another Terpan may take it");
        } catch (InterruptedException nobody) {
            throw new IllegalStateException("nobody interrupts it", nobody);
        }
    }

    @Override
    public List<String> serving() {
        return served.all().stream()
                .filter(one -> one.health() instanceof Health.Serving)
                .map(ServedApplication::name)
                .toList();
    }

    @Override
    public List<Listeners.Listener> listeners() {
        return listeners.all();
    }

    @Override
    public Optional<ServerSocketChannel> operators() {
        return overTcp.map(OperatorsListener::channel);
    }

    @Override
    public void handOver(long pid) throws IOException {
        service.handOver(pid);
        listeners.handOver();
        front.handOver();
        directory.handOver();
        closeOperators();
    }

    @Override
    public void end() {
        stop.run();
    }

    private synchronized void closeOperators() throws IOException {
        if (operators != null) {
            operators.close();
        }
        if (overTcp.isPresent()) {
            overTcp.get().close();
        }
    }

    /** Operators have the answers that they wait for; who looks on has had them all. */
    @Override
    public void close() throws IOException {
        closeOperators();
        AdminServer own;
        synchronized (this) {
            own = operators;
        }
        try {
            if (own != null) {
                own.awaitAnswers(LAST_ANSWERS);
            }
            if (overTcp.isPresent()) {
                overTcp.get().awaitAnswers(LAST_ANSWERS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
