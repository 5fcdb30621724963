package terpan.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** That a directory is ours and nobody else's: made, checked, and where we are root given to the user that we become, and taken back. */
final class OwnDirectory {
    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");
    /** Others may pass through it to what is theirs, and see nothing: the user that a front becomes. */
    private static final Set<PosixFilePermission> PASSAGE = PosixFilePermissions.fromString("rwx--x--x");

    /** What may be in a run directory. */
    private static final Pattern NAMES = Pattern.compile(
            "lock(\\.next)?|operators|sticky-key(\\.new)?|[a-z]+-token(\\.new)?|a\\d+b?|(upgrade|control|w\\d+\\.\\d+|s\\d+\\.\\d+|d\\d+)b?(\\.(own|hand|new))?");

    private OwnDirectory() {}

    /** Whether a run before, which had given root up, has left it to its user: nothing but what is ours is in it, a lock among it. */
    private static boolean isLeft(Path path) throws IOException {
        boolean locked = false;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!NAMES.matcher(name).matches()) {
                    return false;
                }
                locked |= name.equals(RunDirectory.LOCK);
            }
        }
        return locked;
    }

    /**
     * A run before, which had given root up, has left the directory to its user. It becomes root's again, so that nobody else can change it
     * meanwhile, and what may lead elsewhere goes.
     */
    static void takeBack(Path path, Path lock) throws IOException, StartException {
        if (!isLeft(path)) {
            return; // it is told whose it is
        }
        try (FileChannel file = FileChannel.open(lock, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            FileLock free = file.tryLock(0, Long.MAX_VALUE, true);
            if (free == null) {
                throw new StartException(new StartFailure.DirectoryLocked(path, DirectoryLock.holder(file)));
            }
        } catch (NoSuchFileException never) {
            // Nobody holds it.
        }
        give(path, Owner.ROOT, Owner.ROOT);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                boolean single =
                        Integer.valueOf(1).equals(Files.getAttribute(entry, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
                boolean plain =
                        Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) || (single && !Files.isSymbolicLink(entry));
                if (!plain) {
                    Files.delete(entry);
                }
            }
        }
    }

    static void makeOurs(Path path) throws IOException, StartException {
        Path parent = path.getParent();
        // The folder for all of a user's run directories lies where everybody may make folders: it has to be ours too.
        if (parent != null
                && parent.getParent() != null
                && parent.equals(Path.of("/tmp", "terpan-" + Owner.current()))) {
            make(parent);
            check(parent, OptionalInt.empty(), PASSAGE);
        }
        makeAndCheck(path, OptionalInt.empty());
    }

    /** Makes it where it is not there, and sees to it that it is ours, or this user's, and nobody else's. */
    static void makeAndCheck(Path path, OptionalInt front) throws IOException, StartException {
        make(path);
        check(path, front, OURS_ALONE);
    }

    private static void make(Path path) throws IOException {
        try {
            Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (FileAlreadyExistsException expected) {
            // Looked at afterwards, whoever made it.
        }
    }

    private static void check(Path path, OptionalInt front, Set<PosixFilePermission> most)
            throws IOException, StartException {
        PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!Owner.owns(path, Owner.current()) && (front.isEmpty() || !Owner.owns(path, front.getAsInt()))) {
            throw new StartException(
                    new StartFailure.DirectoryNotOurs(path, found.owner().getName()));
        }
        if (!found.isDirectory()) {
            throw new StartException(new StartFailure.DirectoryUnusable(path, "it is not a directory"));
        }
        if (!OURS_ALONE.equals(found.permissions()) && !most.equals(found.permissions())) {
            throw new StartException(
                    new StartFailure.DirectoryOpen(path, PosixFilePermissions.toString(found.permissions())));
        }
    }

    /**
     * Makes it, and what is in it, another user's, as long as this process is root. One that is that user's already, for it is that of the
     * Terpan before, may have anything in it by now: nothing there is touched.
     *
     * @throws IOException the system does not do it
     */
    static void giveTo(Path path, int user, int group) throws IOException {
        if (!Owner.owns(path, Owner.ROOT)) {
            return;
        }
        Path above = path.getParent();
        if (above != null && Files.getPosixFilePermissions(above).equals(OURS_ALONE) && Owner.owns(above, Owner.ROOT)) {
            Files.setPosixFilePermissions(above, PASSAGE);
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                give(entry, user, group);
            }
        }
        give(path, user, group);
    }

    private static void give(Path file, int user, int group) throws IOException {
        Files.setAttribute(file, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
    }
}
