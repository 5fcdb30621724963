package terpan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;

/**
 * The folders of a Python project around an application: its virtual environment and its requirements often lie above the code, as in a
 * {@code src} layout. A folder above belongs to the project only if it has the same owner and nobody else may write to it.
 */
public final class Project {
    private static final List<String> MARKERS = List.of(
            "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "uv.lock", "Pipfile", "manage.py", ".git");
    private static final int LEVELS_MOST = 5;

    private Project() {}

    /** The application's folder, then those above it up to the project's root; the folder alone where there is no project. */
    public static List<Path> folders(Path application) {
        List<Path> climbed = new ArrayList<>(List.of(application));
        int root = isRoot(application) ? 1 : 0;
        Path below = application;
        for (Path above = below.getParent();
                above != null && climbed.size() <= LEVELS_MOST && isSameHands(above, below);
                above = above.getParent()) {
            climbed.add(above);
            root = isRoot(above) ? climbed.size() : root;
            below = above;
        }
        return List.copyOf(climbed.subList(0, Math.max(1, root)));
    }

    private static boolean isRoot(Path folder) {
        return MARKERS.stream().anyMatch(name -> Files.exists(folder.resolve(name)));
    }

    private static boolean isSameHands(Path above, Path below) {
        try {
            PosixFileAttributes its = Files.readAttributes(above, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            PosixFileAttributes inner = Files.readAttributes(below, PosixFileAttributes.class);
            return its.owner().equals(inner.owner()) && !its.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
