package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the launchers' control connections: one thread accepts, one small thread reads each connection. A launcher proves by
 * its one-time token that we started it; what it says after that is handed to the observer under that token.
 */
final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int MESSAGE_MOST = 256 * 1024;
    private static final int CONNECTIONS_MOST = 4096;
    private static final long STACK_BYTES = 192 * 1024;
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);

    /** Is told what launchers say, on the connection's thread. */
    interface Observer {
        /** Said with a token that was expected. */
        void said(String token, Map<String, String> message, Connection connection);

        /** Something was said that may not be said; the connection is closed. */
        void broke(String token, String why);

        /** All was read that is ever said with a token that was expected. */
        void saidAll(String token);
    }

    private final ServerSocketChannel server;
    private final Observer observer;
    /** Whether a fork parent comes with a token, or a worker. */
    private final Map<String, Boolean> expected = new ConcurrentHashMap<>();

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Semaphore room = new Semaphore(CONNECTIONS_MOST);

    private ControlServer(ServerSocketChannel server, Observer observer) {
        this.server = server;
        this.observer = observer;
    }

    /** Begins to accept at this socket. */
    static ControlServer open(ServerSocketChannel socket, Observer observer) {
        ControlServer control = new ControlServer(socket, observer);
        start("terpan-control", control::accept);
        return control;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    /** A launcher with this token may come, once. */
    void expect(String token) {
        expected.put(token, false);
    }

    /** A fork parent with this token may come, once. */
    void expectParent(String token) {
        expected.put(token, true);
    }

    /** Nobody comes with this token any more. */
    void forget(String token) {
        expected.remove(token);
    }

    private void accept() {
        boolean failing = false;
        while (server.isOpen()) {
            try {
                acceptOne();
                if (failing) {
                    failing = false;
                    LOG.warn("control connections are accepted again");
                }
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException | OutOfMemoryError exhausted) {
                // Out of descriptors or threads: the next try would fail at once, again and again.
                if (!failing) {
                    failing = true;
                    LOG.atWarn()
                            .addKeyValue("reason", exhausted.getMessage())
                            .log("control connections are not accepted for now, it is tried again");
                }
                pause();
            }
        }
    }

    private void acceptOne() throws IOException {
        SocketChannel channel = server.accept();
        boolean read = false;
        try {
            if (room.tryAcquire()) {
                Connection connection = new Connection(channel);
                open.add(connection);
                try {
                    start("terpan-control-read", () -> read(connection));
                    read = true;
                } finally {
                    if (!read) {
                        open.remove(connection);
                        room.release();
                    }
                }
            }
        } finally {
            if (!read) {
                channel.close(); // its launcher ends, and is started again
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(ACCEPT_PAUSE);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the control socket's thread", interrupted);
        }
    }

    private void read(Connection connection) {
        try (connection) {
            Map<String, String> message = connection.receive();
            String token = message.getOrDefault("token", "");
            Optional<Boolean> parent = Optional.ofNullable(expected.remove(token));
            if (parent.isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("worker", ControlOrder.shown(message.getOrDefault("name", "")))
                        .log("control connection without token");
                return;
            }
            try {
                if (parent.get()) {
                    obeyParent(token, message, connection);
                } else {
                    obey(token, message, connection);
                }
            } finally {
                observer.saidAll(token);
            }
        } catch (IOException ended) {
            // The launcher's process ended or the server closed: its exit is told by the process.
        } catch (RuntimeException fault) {
            LOG.atError().setCause(fault).log("a control connection failed");
        } finally {
            open.remove(connection);
            room.release();
        }
    }

    private void obey(String token, Map<String, String> first, Connection connection) throws IOException {
        ControlOrder order = new ControlOrder();
        listen(
                token,
                first,
                connection,
                message -> order.breach(message, connection.gone, connection.deafened, System.nanoTime()));
    }

    private void obeyParent(String token, Map<String, String> first, Connection connection) throws IOException {
        ParentOrder order = new ParentOrder();
        listen(token, first, connection, message -> order.breach(message, connection.gone, connection.orders.get()));
    }

    private void listen(
            String token,
            Map<String, String> first,
            Connection connection,
            Function<Map<String, String>, Optional<String>> rule)
            throws IOException {
        Map<String, String> message = first;
        try {
            while (true) {
                Optional<String> breach = rule.apply(message);
                if (breach.isPresent()) {
                    observer.broke(token, breach.get());
                    return;
                }
                observer.said(token, message, connection);
                message = connection.receive();
            }
        } catch (OddMessage odd) {
            observer.broke(token, odd.getMessage());
        }
    }

    /** What is no message at all. */
    private static final class OddMessage extends IOException {
        private static final long serialVersionUID = 1;

        OddMessage(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Connection connection : open) {
            connection.close();
        }
    }

    /** One launcher's connection. */
    static final class Connection implements AutoCloseable {
        private final SocketChannel channel;

        // Set by the supervisor's thread, read by the connection's.
        private volatile boolean gone;
        private volatile boolean deafened;
        private final AtomicInteger orders = new AtomicInteger();

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        /** The guard knows the process: it may go on. One byte always fits. */
        void go() throws IOException {
            gone = true;
            channel.write(ByteBuffer.wrap(new byte[] {'g'}));
        }

        /** It shall accept nothing more, and say so. One byte always fits. */
        void deafen() throws IOException {
            deafened = true;
            channel.write(ByteBuffer.wrap(new byte[] {'d'}));
        }

        /**
         * A fork parent shall fork a process. Its connection holds a hundred such orders; whoever gives no more than a third of them before
         * they are obeyed never waits here.
         */
        void order(Map<String, String> fields) throws IOException {
            orders.incrementAndGet();
            byte[] text = Fields.encode(fields).getBytes(UTF_8);
            ByteBuffer message = ByteBuffer.allocate(4 + text.length)
                    .putInt(text.length)
                    .put(text)
                    .flip();
            while (message.hasRemaining()) {
                channel.write(message);
            }
        }

        private Map<String, String> receive() throws IOException {
            int length = read(4).getInt();
            if (length < 0 || length > MESSAGE_MOST) {
                throw new OddMessage("a message of " + length + " bytes, expected at most " + MESSAGE_MOST);
            }
            return Fields.decode(UTF_8.decode(read(length)).toString());
        }

        private ByteBuffer read(int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(count);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException();
                }
            }
            return buffer.flip();
        }

        /** Nobody reads it any more, whoever holds its other end. */
        void end() {
            try {
                channel.close();
            } catch (IOException gone) {
                // It is of no use to us any more either way.
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
