package terpan.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Log files that this process may not open, once it has given root up: another that has not opens them. Of the whole process, as who it is. */
public final class OpenedByRoot {
    /** Opens a file for appending; empty: that is not done for this one. */
    public interface Opener {
        Optional<FileChannel> open(Path file) throws IOException;
    }

    /** Opens one file as this process opens files. */
    public interface Opening {
        FileChannel open() throws IOException;
    }

    /** Says with whose rights a file is opened. */
    public interface Rights {
        FileChannel open(Path file, Opening opening) throws IOException;
    }

    private static volatile Rights rights = (file, opening) -> opening.open();
    private static volatile Opener opener = file -> Optional.empty();

    private OpenedByRoot() {}

    /** From now on they are opened by this. */
    public static void openBy(Opener root) {
        opener = root;
    }

    /** From now on files are opened with these rights. */
    public static void openAs(Rights whose) {
        rights = whose;
    }

    static FileChannel as(Path file, Opening opening) throws IOException {
        return rights.open(file, opening);
    }

    static Optional<FileChannel> open(Path file) throws IOException {
        return opener.open(file);
    }
}
