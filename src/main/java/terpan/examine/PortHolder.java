package terpan.examine;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who listens on a TCP port, as {@code /proc} tells: of other users' processes only root is told more than the user. */
final class PortHolder {
    /** Columns of a line: number, local and remote address, state, queues, timer, retransmits, user, timeout, inode. */
    private static final int LOCAL = 1;

    private static final int STATE = 3;
    private static final int USER = 7;
    private static final int INODE = 9;
    private static final String LISTENS = "0A";

    private static final int LINES_MOST = 1_000_000;
    private static final int PROCESSES_MOST = 100_000;
    private static final int COMMAND_MOST = 100;
    private static final int HEXADECIMAL = 16;
    private static final int WORD = 4;

    private PortHolder() {}

    private record Socket(InetAddress address, int port, String user, String inode) {}

    /** Words for who listens where this address would; empty: nobody, as far as is told. */
    static Optional<String> find(InetAddress address, int port, Path root) {
        return Stream.of("tcp", "tcp6")
                .flatMap(name -> sockets(root.resolve("proc/net").resolve(name)).stream())
                .filter(socket -> socket.port() == port && overlaps(socket.address(), address))
                .findFirst()
                .map(socket -> process(socket.inode(), root).orElse("a process of the user " + socket.user()));
    }

    private static boolean overlaps(InetAddress one, InetAddress other) {
        return one.equals(other) || one.isAnyLocalAddress() || other.isAnyLocalAddress();
    }

    private static List<Socket> sockets(Path table) {
        try (Stream<String> lines = Files.lines(table)) {
            return lines.limit(LINES_MOST)
                    .map(line -> line.strip().split(" +", -1))
                    .filter(columns -> columns.length > INODE && columns[STATE].equals(LISTENS))
                    .flatMap(columns -> socket(columns).stream())
                    .toList();
        } catch (IOException notThere) {
            return List.of();
        }
    }

    private static Optional<Socket> socket(String[] columns) {
        String[] local = columns[LOCAL].split(":", -1);
        try {
            byte[] bytes = HexFormat.of().parseHex(local[0]);
            // Words of four bytes in the machine's order, which is the little end first on every one that we know.
            for (int word = 0; word < bytes.length; word += WORD) {
                swap(bytes, word, word + 3);
                swap(bytes, word + 1, word + 2);
            }
            return Optional.of(new Socket(
                    InetAddress.getByAddress(bytes),
                    Integer.parseInt(local[1], HEXADECIMAL),
                    columns[USER],
                    columns[INODE]));
        } catch (IllegalArgumentException | IOException | IndexOutOfBoundsException notUnderstood) {
            return Optional.empty();
        }
    }

    private static void swap(byte[] bytes, int one, int other) {
        byte kept = bytes[one];
        bytes[one] = bytes[other];
        bytes[other] = kept;
    }

    private static Optional<String> process(String inode, Path root) {
        try (Stream<Path> processes = Files.list(root.resolve("proc"))) {
            return processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .limit(PROCESSES_MOST)
                    .filter(path -> holds(path, "socket:[" + inode + "]"))
                    .map(PortHolder::shown)
                    .findFirst();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean holds(Path process, String socket) {
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            return open.anyMatch(link -> leadsTo(link, socket));
        } catch (IOException notOurs) {
            return false;
        }
    }

    private static boolean leadsTo(Path link, String socket) {
        try {
            return Files.readSymbolicLink(link).toString().equals(socket);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static String shown(Path process) {
        String command = "?";
        try {
            byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
            command = command(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException endedMeanwhile) {
            // Its number alone is told.
        }
        return "process " + process.getFileName() + " (" + command + ")";
    }

    /** The program's name and its arguments; of a Java program what follows its flags. */
    static String command(String zeroSeparated) {
        String words = zeroSeparated.replaceAll("\0+$", "").replace('\0', ' ').replaceAll("\\p{Cntrl}", "?");
        int ours = words.indexOf("terpan.cli.Main");
        String text = ours >= 0
                ? "terpan" + words.substring(ours + "terpan.cli.Main".length())
                : words.replaceFirst("^\\S*/", "");
        return text.length() > COMMAND_MOST ? text.substring(0, COMMAND_MOST) + "..." : text;
    }
}
