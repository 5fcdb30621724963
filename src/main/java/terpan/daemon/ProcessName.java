package terpan.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process is called in {@code ps} and {@code top}, which would show {@code java}. */
final class ProcessName {
    private ProcessName() {}

    static void set() {
        try {
            Files.write(Path.of("/proc/self/comm"), "terpan".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException notLinux) {
            // Then it is called like its program.
        }
    }
}
