package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file in a directory that one process holds locked for as long as it has the directory. */
final class DirectoryLock {
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private DirectoryLock() {}

    /** The file of this name, which is made where it is not there. */
    static FileChannel open(Path path, String name) throws IOException {
        return FileChannel.open(
                path.resolve(name),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                OWNER_ALONE);
    }

    /**
     * Takes the lock of this name, and leaves our number there.
     *
     * @throws StartException another process holds it
     */
    static FileChannel take(Path path, String name) throws IOException, StartException {
        FileChannel file = open(path, name);
        boolean held = false;
        try {
            held = hold(file);
            if (!held) {
                throw new StartException(new StartFailure.DirectoryLocked(path, holder(file)));
            }
            return file;
        } finally {
            if (!held) {
                file.close();
            }
        }
    }

    /** Takes the lock of an open file, and leaves our number there; false: another process has it. */
    static boolean hold(FileChannel file) throws IOException {
        if (tryLock(file) == null) {
            return false;
        }
        file.truncate(0);
        file.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(UTF_8)), 0);
        return true;
    }

    @SuppressWarnings("NullAway") // the JDK says "no lock" by null
    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            return null;
        }
    }

    /** The number of the process that holds it. */
    private static String holder(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        file.read(text, 0);
        String number = new String(text.array(), 0, text.position(), UTF_8).strip();
        return number.matches("[0-9]{1,10}") ? number : "that does not say which it is";
    }
}
