package terpan.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operators' listener: HTTP/1.1 on a Unix socket of mode 0600, one request a connection. Accepts on a thread of its own,
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

    private final Path socket;
    private final ServerSocketChannel listener;
    private final Router router;
    private final Duration deadline;
    private final Semaphore places = new Semaphore(CONNECTIONS_MOST);
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor late;

    private AdminServer(Path socket, ServerSocketChannel listener, Router router, Duration deadline) {
        this.socket = socket;
        this.listener = listener;
        this.router = router;
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
     * Binds and begins to accept.
     *
     * @param socket a path in a directory that is ours alone; nothing may lie there
     * @param deadline for each request as a whole
     * @throws IOException the socket can not be bound
     */
    public static AdminServer start(Path socket, Operations operations, Duration deadline) throws IOException {
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
        AdminServer server = new AdminServer(socket, listener, new Router(operations), deadline);
        Thread.ofPlatform().name("terpan-operators").daemon().start(server::accept);
        return server;
    }

    /** Stops accepting and removes the socket; requests under way go on to their end or deadline. */
    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdown();
        late.shutdown();
        Files.deleteIfExists(socket);
    }

    /** Connections that could be taken now. */
    int places() {
        return places.availablePermits();
    }

    private void accept() {
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
                threads.execute(() -> serve(client));
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

    private void serve(SocketChannel client) {
        try (client) {
            Future<?> watch = late.schedule(() -> closeLate(client), deadline.toMillis(), TimeUnit.MILLISECONDS);
            try {
                new AdminExchange(client, router).run();
            } finally {
                watch.cancel(false);
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
