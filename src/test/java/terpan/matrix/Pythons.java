package terpan.matrix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Pythons of this machine, the first of each version from 3.9 on. */
final class Pythons {
    private static final Path SCRIPT = Path.of(System.getProperty("terpan.basedir", "."), "scripts/find-pythons")
            .toAbsolutePath();

    private Pythons() {}

    /** Interpreters by version, such as 3.11. */
    static Map<String, Path> found() throws Exception {
        Process process = new ProcessBuilder(SCRIPT.toString()).start();
        Map<String, Path> found = new LinkedHashMap<>();
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().forEach(line -> {
            String[] parts = line.split(" ", 2);
            found.put(parts[0], Path.of(parts[1]));
        });
        assertThat(process.waitFor()).isZero();
        assertThat(found).isNotEmpty();
        return found;
    }
}
