package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Whether root alone decides where a path leads. Where workers are another user, they must not lead root to files that they may not read. */
final class RootOnly {
    private static final int OTHERS_WRITE = 0022;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;

    private RootOnly() {}

    /**
     * What somebody else than root can change on the way to a directory, or in it; empty: nothing.
     *
     * @param path a directory that is there
     */
    static Optional<Path> changeable(Path path) {
        try {
            Path real = path.toRealPath();
            Optional<Path> found = onTheWay(real);
            // The links that lead there are read as the path is written.
            return found.isPresent() ? found : onTheWay(path.toAbsolutePath().normalize());
        } catch (IOException unreadable) {
            return Optional.of(path);
        }
    }

    private static Optional<Path> onTheWay(Path path) throws IOException {
        for (Path at = path; at != null; at = at.getParent()) {
            if (isChangeable(at, at.equals(path))) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    /** In a sticky folder others have their own entries, and can not change root's. */
    private static boolean isChangeable(Path path, boolean last) throws IOException {
        if (number(path, "unix:uid") != ROOT) {
            return true;
        }
        if (Files.isSymbolicLink(path)) {
            return false; // its mode says nothing
        }
        int mode = number(path, "unix:mode");
        return (mode & OTHERS_WRITE) != 0 && (last || (mode & STICKY) == 0);
    }

    private static int number(Path path, String attribute) throws IOException {
        return (int) Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
    }
}
