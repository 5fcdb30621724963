package terpan.worker;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Who we are and whose a file is, by number: names need not be unique or known. */
final class Owner {
    private Owner() {}

    /** Our user's number. */
    static int current() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException notLinux) {
            return (int) new UnixSystem().getUid();
        }
    }

    /** Whether the file is there and belongs to the user; a link counts as itself. */
    static boolean owns(Path path, int user) {
        try {
            return (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) == user;
        } catch (IOException unreadable) {
            return false;
        }
    }
}
