package terpan.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import terpan.handover.ProcessUser;

/** Who we are and whose a file is, by number: names need not be unique or known. */
final class Owner {
    static final int ROOT = 0;

    /** Of the whole process, as who it is: for good. */
    private static volatile boolean rootGivenUp;

    private Owner() {}

    /** The number of the user that we act as; where no /proc tells it, a file of ours does. */
    static int current() {
        try {
            // Of a process that has given root up, its files there are root's.
            return rootGivenUp ? ProcessUser.effective() : number(Path.of("/proc/self"));
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

    /** Who the processes that we have started begin as: where root was given up, its helper starts them. */
    static int ofStarted() {
        return rootGivenUp ? ROOT : current();
    }

    /** From now on this process is not root, and root's helper starts what it needs. */
    static void gaveRootUp() {
        rootGivenUp = true;
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
