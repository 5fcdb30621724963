package terpan.examine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import terpan.worker.StartException;
import terpan.worker.StartFailure;

/** A folder of our own under a short name, for as long as an examination runs. */
public record Scratch(Path path) implements AutoCloseable {
    /** A new one. */
    public static Scratch open() throws StartException {
        try {
            return new Scratch(Files.createTempDirectory("terpan-x"));
        } catch (IOException error) {
            throw new StartException(new StartFailure.DirectoryUnusable(
                    Path.of(System.getProperty("java.io.tmpdir", "/tmp")), "no temporary folder: " + error));
        }
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.toList().reversed()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException left) {
            path.toFile().deleteOnExit();
        }
    }
}
