package terpan.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** Files of certificates that this process may not read, once it has given root up: another that has not opens them. Of the whole process, as who it is. */
public final class ByRoot {
    /**
     * One that was opened.
     *
     * @param place what the open file is called in {@code /proc}, where anybody who has it may look at it
     */
    public record Opened(InputStream stream, Path place) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /** Opens a file for reading; empty: that is not done for this one. */
    public interface Opener {
        Optional<Opened> open(Path file) throws IOException;
    }

    private static volatile Opener opener = file -> Optional.empty();

    private ByRoot() {}

    /** From now on they are opened by this. */
    public static void openBy(Opener root) {
        opener = root;
    }

    /** One of them. */
    public static Optional<Opened> open(Path file) throws IOException {
        return opener.open(file);
    }
}
