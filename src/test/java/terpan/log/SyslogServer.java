package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A syslog receiver over TCP that counts octets (RFC 6587, section 3.4.1). */
public final class SyslogServer implements AutoCloseable {
    /** Of the ports below those that Linux gives out, unless it is told otherwise. */
    private static final int FIRST_PORT = 21_000;

    private static final int PORTS = 10_000;
    private static final int FIRST_GIVEN_OUT = 32_768;
    private static final Duration MOST = Duration.ofSeconds(30);

    private final ServerSocket listening;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> messages = new CopyOnWriteArrayList<>();

    private final Thread accepting = Thread.ofVirtual().unstarted(this::accept);

    private SyslogServer(ServerSocket listening) {
        this.listening = listening;
    }

    /** One on this port of loopback; 0: any. */
    public static SyslogServer at(int port) throws IOException {
        SyslogServer server = new SyslogServer(new ServerSocket(port, 5, InetAddress.getLoopbackAddress()));
        server.accepting.start();
        return server;
    }

    /** One on a port that the system gives to nobody who connects somewhere: another may take its place there. */
    static SyslogServer besideThoseGivenOut() throws IOException {
        for (int port = FIRST_PORT + (int) (ProcessHandle.current().pid() % PORTS); ; port++) {
            try {
                return at(port);
            } catch (BindException taken) {
                if (port >= FIRST_GIVEN_OUT) {
                    throw taken;
                }
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> read(socket));
            }
        } catch (IOException closed) {
            // The test has closed it.
        }
    }

    private void read(Socket socket) {
        try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
            while (true) {
                int length = 0;
                for (int digit = in.readUnsignedByte(); digit != ' '; digit = in.readUnsignedByte()) {
                    length = length * 10 + digit - '0';
                }
                messages.add(new String(in.readNBytes(length), UTF_8));
            }
        } catch (IOException ended) {
            // It left, or the test has closed it.
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    public List<String> messages() {
        return messages;
    }

    /** Waits for a message with this in it. */
    public String awaitText(String part) {
        await().atMost(MOST).until(() -> messages.stream().anyMatch(message -> message.contains(part)));
        return messages.stream()
                .filter(message -> message.contains(part))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        // The port is free once the thread that was within accept has left it.
        await().atMost(MOST).until(() -> !accepting.isAlive());
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
