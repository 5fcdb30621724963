package terpan.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The TCP ports that a process listens on, as the kernel shows them. */
final class OpenPorts {
    private static final String LISTENS = "0A";

    private OpenPorts() {}

    static List<Integer> of(long pid) throws IOException {
        Set<String> sockets;
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            sockets = open.map(OpenPorts::target).collect(Collectors.toSet());
        }
        return Files.readAllLines(Path.of("/proc/net/tcp")).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[3].equals(LISTENS) && sockets.contains("socket:[" + columns[9] + "]"))
                .map(columns -> Integer.valueOf(columns[1].substring(columns[1].indexOf(':') + 1), 16))
                .toList();
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
