package terpan.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import terpan.admin.AdminServer;
import terpan.admin.OperatorClient;
import terpan.admin.OperatorException;
import terpan.config.Settings;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;
import terpan.picture.Picture;

/**
 * Finds the operators' socket of the Terpan that a person means: in the directory they name, that of the settings they name or stand
 * beside, else the only one that runs. Looks at the sockets that the kernel lists, so that no run directory is out of sight; root
 * sees everybody's, others their own.
 */
final class RunningTerpan {
    /** Columns of a line: address, count, protocol, flags, type, state, inode, path. */
    private static final String NOT_SAID = "?";

    private static final Pattern SEVERAL = Pattern.compile("\\d+ applications: ");
    private static final int FLAGS = 3;

    private static final int PATH = 7;
    private static final String LISTENS = "00010000";
    private static final int MOST = 1_000;
    private static final int ROOT = 0;

    private final Path sockets;

    RunningTerpan() {
        this(Path.of("/proc/net/unix"));
    }

    /**
     * A search elsewhere.
     *
     * @param sockets stands in for {@code /proc/net/unix}
     */
    RunningTerpan(Path sockets) {
        this.sockets = sockets;
    }

    /** The socket in a run directory that was named. */
    Path in(Path directory, String whose) throws StartFailure {
        Path socket = directory.resolve(AdminServer.SOCKET_NAME);
        if (!answers(socket)) {
            throw notRunning("no Terpan answers at " + socket + "; is it running, and is this the run directory "
                    + whose + "?" + others(running()));
        }
        return socket;
    }

    /** The one that serves what these settings say, wherever its run directory is. */
    Path of(Settings settings, Path chosen, String whose) throws StartFailure {
        if (answers(chosen.resolve(AdminServer.SOCKET_NAME))) {
            return chosen.resolve(AdminServer.SOCKET_NAME);
        }
        List<Found> running = running();
        Optional<Found> same = settings.application()
                .map(served -> Picture.served(served.name(), served.chdir()) + " ")
                .map(served -> running.stream()
                        .filter(found -> found.serves().startsWith(served))
                        .findFirst())
                .orElseGet(() -> onlyWithoutApplication(running));
        if (same.isEmpty()) {
            throw notRunning("what " + whose + " says is not running" + others(running));
        }
        return same.get().socket();
    }

    /** Where it listens and which workers are attached may have changed since it was started: then it is the only one of its kind that is meant. */
    private static Optional<Found> onlyWithoutApplication(List<Found> running) {
        List<Found> those = running.stream()
                .filter(found -> found.serves().equals(NOT_SAID)
                        || SEVERAL.matcher(found.serves()).lookingAt())
                .toList();
        return those.size() == 1 ? Optional.of(those.getFirst()) : Optional.empty();
    }

    /** The only one that runs. */
    Path alone() throws StartFailure {
        List<Found> running = running();
        if (running.isEmpty()) {
            throw notRunning("no running Terpan of this user was found; name its run directory with --run-directory");
        }
        if (running.size() > 1) {
            throw notRunning("several are running; name the one you mean with --run-directory" + listed(running));
        }
        return running.getFirst().socket();
    }

    private static StartFailure notRunning(String message) {
        return new StartFailure(ExitCode.NOT_RUNNING, message);
    }

    /**
     * One that answers.
     *
     * @param serves its application
     * @param listens its addresses
     */
    private record Found(Path socket, String serves, String listens) {}

    private static String others(List<Found> running) {
        return running.isEmpty() ? "" : "\nRunning are:" + listed(running);
    }

    private static String listed(List<Found> running) {
        StringBuilder text = new StringBuilder();
        running.forEach(found -> text.append("\n  ")
                .append(found.serves())
                .append(", on ")
                .append(found.listens())
                .append(": --run-directory ")
                .append(found.socket().getParent()));
        return text.toString();
    }

    private List<Found> running() {
        try (Stream<String> lines = Files.lines(sockets, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> line.strip().split(" +", PATH + 1))
                    .filter(columns -> columns.length > PATH && columns[FLAGS].equals(LISTENS))
                    .map(columns -> columns[PATH])
                    .filter(path -> path.startsWith("/") && path.endsWith("/" + AdminServer.SOCKET_NAME))
                    .distinct()
                    .limit(MOST)
                    .sorted()
                    .map(Path::of)
                    .filter(socket -> isToBeTalkedTo(socket) && answers(socket))
                    .flatMap(socket -> found(socket).stream())
                    .toList();
        } catch (IOException notThere) {
            return List.of();
        }
    }

    private static Optional<Found> found(Path socket) {
        try {
            List<String> lines = new OperatorClient(socket, AdminServer.DEADLINE)
                    .statusText()
                    .lines()
                    .toList();
            return Optional.of(new Found(socket, value(lines, "serves"), value(lines, "listens on")));
        } catch (OperatorException noTerpan) {
            return Optional.empty();
        }
    }

    private static String value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElse(NOT_SAID);
    }

    /** Others may make sockets where they like; what they put there only root looks at. */
    private static boolean isToBeTalkedTo(Path socket) {
        int user = owner(Path.of("/proc/self"));
        Path directory = socket.getParent();
        return user == ROOT || (directory != null && owner(directory, LinkOption.NOFOLLOW_LINKS) == user);
    }

    /** -1: not known. */
    private static int owner(Path path, LinkOption... options) {
        try {
            return (int) Files.getAttribute(path, "unix:uid", options);
        } catch (IOException | UnsupportedOperationException unknown) {
            return -1;
        }
    }

    private static boolean answers(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException | IllegalArgumentException nobodyListens) {
            return false;
        }
    }
}
