package terpan.scratch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A folder that is ours alone, under a name that nobody can guess, in which libraries are unpacked to be loaded; gone with what is in it as soon
 * as that is done, for what is loaded needs no name.
 */
public final class ScratchFolder implements AutoCloseable {
    private final Path folder;

    private ScratchFolder(Path folder) {
        this.folder = folder;
    }

    /** Makes one, for the user alone (0700). */
    public static ScratchFolder begin() throws IOException {
        return new ScratchFolder(Files.createTempDirectory("terpan-native-"));
    }

    public Path path() {
        return folder;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path path : left.toList().reversed()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
