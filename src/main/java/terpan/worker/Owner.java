package terpan.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Who we are and whose a file is, by number: names need not be unique or known. */
final class Owner {
    private Owner() {}

    /** Our user's number; where no /proc tells it, a file of ours does. */
    static int current() {
        try {
            return number(Path.of("/proc/self"));
        } catch (IOException notLinux) {
            return ofNewFile();
        }
    }

    private static int ofNewFile() {
        try {
            Path file = Files.createTempFile("terpan-owner", "");
            try {
                return number(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException unusable) {
            throw new UncheckedIOException("no file can be made that would tell whose process this is", unusable);
        }
    }

    private static int number(Path path, LinkOption... how) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:uid", how);
    }

    /** Whether the file is there and belongs to the user; a link counts as itself. */
    static boolean owns(Path path, int user) {
        try {
            return number(path, LinkOption.NOFOLLOW_LINKS) == user;
        } catch (IOException unreadable) {
            return false;
        }
    }
}
