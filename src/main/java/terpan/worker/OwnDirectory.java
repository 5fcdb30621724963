package terpan.worker;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** That a directory is ours and nobody else's to change: made, checked, and where we are root opened to pass through. */
final class OwnDirectory {
    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    /** Others may pass through it to what is theirs, and see nothing: the user that a front becomes. */
    private static final Set<PosixFilePermission> PASSAGE = PosixFilePermissions.fromString("rwx--x--x");

    private OwnDirectory() {}

    static void makeOurs(Path path) throws IOException, StartException {
        Path parent = path.getParent();
        // The folder for all of a user's run directories lies where everybody may make folders: it has to be ours too.
        if (parent != null && parent.equals(ofUser(Owner.current()))) {
            makeAndCheck(parent);
        }
        makeAndCheck(path);
    }

    /** Makes it where it is not there, and sees to it that it is ours and nobody else's to change. */
    static void makeAndCheck(Path path) throws IOException, StartException {
        try {
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (FileAlreadyExistsException expected) {
            // Looked at below, whoever made it.
        }
        PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!Owner.owns(path, Owner.current())) {
            throw new StartException(
                    new StartFailure.DirectoryNotOurs(path, found.owner().getName()));
        }
        if (!found.isDirectory()) {
            throw new StartException(new StartFailure.DirectoryUnusable(path, "it is not a directory"));
        }
        boolean passed = Owner.current() == Owner.ROOT && PASSAGE.equals(found.permissions());
        if (!OURS_ALONE.equals(found.permissions()) && !passed) {
            throw new StartException(
                    new StartFailure.DirectoryOpen(path, PosixFilePermissions.toString(found.permissions())));
        }
    }

    /** Lets another user pass through it, and through the folder for root's run directories; what is in it stays root's alone to change. */
    static void letPass(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null && parent.equals(ofUser(Owner.ROOT))) {
            Files.setPosixFilePermissions(parent, PASSAGE);
        }
        Files.setPosixFilePermissions(path, PASSAGE);
    }

    /** The folder for all run directories of a user who names none. */
    private static Path ofUser(int user) {
        return Path.of("/tmp", "terpan-" + user);
    }
}
