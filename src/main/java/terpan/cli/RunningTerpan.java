package terpan.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import terpan.admin.AdminServer;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;

/** Finds the operators' socket of the Terpan that a person means: in the directory they name, else the only one of this user. */
final class RunningTerpan {
    private static final String DIRECTORY = "terpan-";
    private static final int MOST_DIRECTORIES = 1_000;

    private final Map<String, String> environment;
    private final Path temporary;

    RunningTerpan(Map<String, String> environment) {
        this(environment, Path.of("/tmp"));
    }

    /**
     * A search in other places.
     *
     * @param temporary the directory that stands in for {@code /tmp}
     */
    RunningTerpan(Map<String, String> environment, Path temporary) {
        this.environment = environment;
        this.temporary = temporary;
    }

    Path socket(Optional<Path> directory) throws StartFailure {
        if (directory.isPresent()) {
            Path socket = directory.get().resolve(AdminServer.SOCKET_NAME);
            if (!answers(socket)) {
                throw notRunning("no Terpan answers at " + socket
                        + "; is it running, and is this the run directory that it printed at its start?");
            }
            return socket;
        }
        List<Path> running = candidates().stream()
                .map(path -> path.resolve(AdminServer.SOCKET_NAME))
                .filter(RunningTerpan::answers)
                .toList();
        if (running.isEmpty()) {
            throw notRunning("no running Terpan of this user was found in " + places()
                    + "; name its run directory with --run-directory");
        }
        if (running.size() > 1) {
            throw notRunning("several are running, name the one you mean with --run-directory: "
                    + String.join(
                            ", ",
                            running.stream()
                                    .map(socket -> String.valueOf(socket.getParent()))
                                    .toList()));
        }
        return running.getFirst();
    }

    private static StartFailure notRunning(String message) {
        return new StartFailure(ExitCode.NOT_RUNNING, message);
    }

    private String places() {
        return String.join(
                " or ",
                Stream.concat(runtime().stream(), Stream.of(ownTemporary()))
                        .map(Path::toString)
                        .toList());
    }

    private List<Path> candidates() {
        List<Path> found = new ArrayList<>();
        runtime()
                .ifPresent(directory -> found.addAll(inside(directory).stream()
                        .filter(path -> path.getFileName().toString().startsWith(DIRECTORY))
                        .toList()));
        found.addAll(inside(ownTemporary()));
        return found;
    }

    private Optional<Path> runtime() {
        String directory = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        return directory.isEmpty() ? Optional.empty() : Optional.of(Path.of(directory));
    }

    private Path ownTemporary() {
        return temporary.resolve(DIRECTORY + user());
    }

    private static String user() {
        return owner(Path.of("/proc/self"));
    }

    /** Others may make directories in a shared place; what they put there is not to be talked to. */
    private static boolean isOurs(Path directory) {
        return owner(directory, LinkOption.NOFOLLOW_LINKS).equals(user());
    }

    private static String owner(Path path, LinkOption... options) {
        try {
            return String.valueOf(Files.getAttribute(path, "unix:uid", options));
        } catch (IOException | UnsupportedOperationException unknown) {
            return "";
        }
    }

    private static List<Path> inside(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.limit(MOST_DIRECTORIES)
                    .filter(RunningTerpan::isOurs)
                    .sorted()
                    .toList();
        } catch (IOException notThere) {
            return List.of();
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
