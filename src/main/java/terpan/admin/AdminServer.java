package terpan.admin;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener of operators: HTTP/1.1 on a Unix socket of mode 0600, or on a loopback port, one request a connection. Accepts on a thread of its own,
 * serves on others, at most 64 at once, of which one is always there: when no thread can be started operators want to know why.
 * Who comes beyond waits in the kernel. Rejected: virtual threads, whose first wait on a socket fails for ever without descriptors.
 */
public final class AdminServer implements AutoCloseable {
    /** The socket's name in the run directory. */
    public static final String SOCKET_NAME = "operators";

    /** How long a request may take from connect to close. */
    public static final Duration DEADLINE = Duration.ofSeconds(10);

    static final int CONNECTIONS_MOST = 64;

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);
    private static final long IDLE_SECONDS = 10;

    /** One gives its place back a moment before it is free again. */
    private static final int THREADS_MOST = 2 * CONNECTIONS_MOST;

    private final ServerSocketChannel listener;

    /** Removes the socket's file; does nothing over TCP. */
    private final Closeable remove;

    private final Door door;
    private final Duration deadline;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Semaphore places = new Semaphore(CONNECTIONS_MOST);
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor late;

    private AdminServer(ServerSocketChannel listener, Closeable remove, Door door, Duration deadline) {
        this.listener = listener;
        this.remove = remove;
        this.door = door;
        this.deadline = deadline;
        this.threads = new ThreadPoolExecutor(
                1, THREADS_MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("terpan-operator"));
        this.late = new ScheduledThreadPoolExecutor(1, daemons("terpan-operators-late"));
        late.setRemoveOnCancelPolicy(true);
        threads.prestartCoreThread();
        late.prestartCoreThread();
    }

    private static ThreadFactory daemons(String name) {
        return Thread.ofPlatform().name(name).daemon().factory();
    }

    /**
     * Binds and begins to accept on a Unix socket, where whoever may open it may do everything.
     *
     * @param dashboard for which links are given out there; empty: there is none
     * @param socket a path in a directory that is ours alone; nothing may lie there
     * @param deadline for each request as a whole
     * @throws IOException the socket can not be bound
     */
    public static AdminServer start(
            Path socket, Operations operations, Optional<Dashboard> dashboard, Duration deadline) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException failure) {
            listener.close();
            throw new IOException(
                    "can not listen for operators on %s: %s; expected a free name in a directory of our own"
                            .formatted(socket, failure.getMessage()),
                    failure);
        }
        return start(listener, () -> Files.deleteIfExists(socket), operations, dashboard, deadline);
    }

    /**
     * The same at a socket that listens already, and is for its owner or for root alone.
     *
     * @param remove removes its file
     */
    public static AdminServer start(
            ServerSocketChannel listener,
            Closeable remove,
            Operations operations,
            Optional<Dashboard> dashboard,
            Duration deadline) {
        Router router = new Router(operations, dashboard);
        return started(new AdminServer(listener, remove, router::answer, deadline));
    }

    /** The same where there is no dashboard. */
    public static AdminServer start(Path socket, Operations operations, Duration deadline) throws IOException {
        return start(socket, operations, Optional.empty(), deadline);
    }

    /**
     * Opens a listener over TCP, on which nobody is accepted yet.
     *
     * @throws IOException the address can not be had
     */
    public static ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(address);
            return listener;
        } catch (IOException refused) {
            listener.close();
            throw new IOException(
                    "can not listen for operators on %s: %s; expected a free port (operators.bind)"
                            .formatted(address, refused.getMessage()),
                    refused);
        }
    }

    /** Begins to accept over TCP those whom the dashboard's {@link Access} knows. */
    public static AdminServer start(
            ServerSocketChannel listener, Operations operations, Dashboard dashboard, Duration deadline) {
        Door door = new TcpDoor(
                new Router(operations, Optional.empty()),
                dashboard.access(),
                new Stranger(dashboard.hosts()),
                new LiveFeed(operations, System::nanoTime));
        return started(new AdminServer(listener, () -> {}, door, deadline));
    }

    private static AdminServer started(AdminServer server) {
        Thread.ofPlatform().name("terpan-operators").daemon().start(server::accept);
        return server;
    }

    /** Stops accepting and removes the socket; whoever was accepted is answered, or goes at the deadline. Once more does nothing. */
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return; // the socket's name may be another process's by now
        }
        listener.close();
        remove.close();
    }

    /** Waits until whoever was accepted before {@link #close} has an answer, so long at most. */
    public void awaitAnswers(Duration most) throws InterruptedException {
        threads.awaitTermination(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Connections that could be taken now. */
    int places() {
        return places.availablePermits();
    }

    private void accept() {
        acceptUntilClosed();
        // Only now: whoever was accepted at the last moment is served too.
        threads.shutdown();
        late.shutdown();
    }

    private void acceptUntilClosed() {
        boolean failing = false;
        while (listener.isOpen()) {
            places.acquireUninterruptibly();
            try {
                acceptOne();
                if (failing) {
                    failing = false;
                    LOG.warn("operators are accepted again");
                }
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException | RejectedExecutionException | OutOfMemoryError exhausted) {
                // Out of descriptors or threads: the next try would fail at once, again and again.
                if (!failing) {
                    failing = true;
                    LOG.atWarn()
                            .addKeyValue("reason", exhausted.getMessage())
                            .log("operators are not accepted for now, it is tried again");
                }
                pause();
            }
        }
    }

    private void acceptOne() throws IOException {
        boolean started = false;
        try {
            SocketChannel client = listener.accept();
            try {
                Deadline watch = new Deadline(late, () -> closeLate(client), deadline.toMillis());
                threads.execute(() -> serve(client, watch));
                started = true;
            } finally {
                if (!started) {
                    client.close();
                }
            }
        } finally {
            if (!started) {
                places.release();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(ACCEPT_PAUSE);
        } catch (InterruptedException interruption) {
            throw new IllegalStateException("nobody interrupts the operators' thread", interruption);
        }
    }

    private void serve(SocketChannel client, Deadline watch) {
        try (client) {
            try {
                new AdminExchange(client, door, watch).run();
            } finally {
                watch.over();
            }
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("reason", gone).log("operator left early");
        } catch (RuntimeException | Error fault) {
            // It has left nothing behind that others use.
            LOG.atError().setCause(fault).log("operator's request failed");
        } finally {
            places.release();
        }
    }

    private void closeLate(SocketChannel client) {
        try {
            client.close();
            LOG.atDebug().addKeyValue("deadline", deadline).log("operator's request cut off at its deadline");
        } catch (IOException failure) {
            LOG.atDebug().addKeyValue("reason", failure).log("operator's connection not closed");
        }
    }
}
