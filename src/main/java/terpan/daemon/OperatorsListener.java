package terpan.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import terpan.admin.Access;
import terpan.admin.AdminServer;
import terpan.admin.Dashboard;
import terpan.admin.Operations;
import terpan.config.Operators;
import terpan.worker.RunDirectory;

/** The operators' listener over TCP, where the settings ask for one: bound with the clients', and open once there is something to see. */
final class OperatorsListener implements AutoCloseable {
    private static final int TOKEN_LEAST = 16;
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private final ServerSocketChannel listener;

    /** What is told of it. */
    final Dashboard dashboard;

    private Optional<AdminServer> server = Optional.empty();

    private OperatorsListener(ServerSocketChannel listener, Dashboard dashboard) {
        this.listener = listener;
        this.dashboard = dashboard;
    }

    /**
     * Binds it, and reads its tokens or makes them; empty: the settings ask for none.
     *
     * @param handed that of the Terpan before, which is taken where it listens as the settings say; else it is closed
     * @throws StartFailure the address can not be had, or a token not be read
     */
    static Optional<OperatorsListener> open(
            Operators settings, RunDirectory directory, InstantSource clock, Optional<ServerSocketChannel> handed)
            throws StartFailure {
        try {
            if (settings.bind().isEmpty()) {
                close(handed);
                return Optional.empty();
            }
            Access.Token token = token(settings.token(), "operators.token", "operators-token", directory);
            Access.Token reader = token(settings.readerToken(), "operators.reader-token", "reader-token", directory);
            ServerSocketChannel listener = listener(address(settings.bind().get()), handed);
            InetSocketAddress bound = (InetSocketAddress) listener.getLocalAddress();
            return Optional.of(new OperatorsListener(
                    listener, new Dashboard(bound, new Access(token, reader, clock), settings.hosts())));
        } catch (IOException unusable) {
            throw new StartFailure(ExitCode.CONFIGURATION, String.valueOf(unusable.getMessage()));
        }
    }

    private static ServerSocketChannel listener(InetSocketAddress wanted, Optional<ServerSocketChannel> handed)
            throws IOException {
        if (handed.isPresent() && handed.get().getLocalAddress() instanceof InetSocketAddress there) {
            boolean same = there.getAddress().equals(wanted.getAddress())
                    && (wanted.getPort() == 0 || wanted.getPort() == there.getPort());
            if (same) {
                return handed.get();
            }
        }
        close(handed);
        return AdminServer.bind(wanted);
    }

    private static void close(Optional<ServerSocketChannel> handed) throws IOException {
        if (handed.isPresent()) {
            handed.get().close();
        }
    }

    /** Its socket. */
    ServerSocketChannel channel() {
        return listener;
    }

    private static InetSocketAddress address(String bind) {
        int colon = bind.lastIndexOf(':');
        String host = bind.substring(0, colon);
        // No name is looked up: what localhost means in a file of the machine's is not asked.
        String literal =
                host.equals("localhost") ? "127.0.0.1" : host.replace("[", "").replace("]", "");
        return new InetSocketAddress(InetAddress.ofLiteral(literal), Integer.parseInt(bind.substring(colon + 1)));
    }

    private static Access.Token token(Operators.Token told, String setting, String name, RunDirectory directory)
            throws IOException {
        if (told.text().isPresent()) {
            return new Access.Token(told.text().get(), "that of " + setting);
        }
        if (told.file().isPresent()) {
            return new Access.Token(
                    read(told.file().get(), setting), "that in " + told.file().get());
        }
        String made = directory.token(name);
        return new Access.Token(made, made);
    }

    private static String read(Path file, String setting) throws IOException {
        if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IOException(setting + "-file is " + file
                    + ", which others than its owner may read or write; expected mode 0600 (chmod 600 " + file + ")");
        }
        String token = Files.readString(file).strip();
        if (token.length() < TOKEN_LEAST) {
            throw new IOException(setting + "-file is " + file + " with " + token.length()
                    + " characters, expected a token of at least " + TOKEN_LEAST);
        }
        return token;
    }

    void start(Operations operations) {
        server = Optional.of(AdminServer.start(listener, operations, dashboard, AdminServer.DEADLINE));
    }

    /** Waits for whoever was accepted before it was closed. */
    void awaitAnswers(Duration most) throws InterruptedException {
        if (server.isPresent()) {
            server.get().awaitAnswers(most);
        }
    }

    @Override
    public void close() throws IOException {
        if (server.isPresent()) {
            server.get().close();
        }
        listener.close();
    }
}
