package terpan.link.nativelink;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A piece of a regular file that the worker has open: opened again by the worker's descriptor number, never by a path that the
 * worker names, and compared with what the worker says it is.
 *
 * @param pid the worker, a process that we started
 * @param descriptor the worker's descriptor
 * @param position first byte of the piece
 * @param length bytes of the piece
 * @param device st_dev as the worker sees it
 * @param node st_ino as the worker sees it
 */
record NativeFile(long pid, int descriptor, long position, long length, long device, long node) {
    private static final int TYPE_MASK = 0170000;
    private static final int REGULAR = 0100000;

    /**
     * Opens it; does disk work, so never on a loop.
     *
     * @throws IOException it is not the file that was named, or can not be opened here
     */
    FileChannel open() throws IOException {
        Path path = Path.of("/proc", Long.toString(pid), "fd", Integer.toString(descriptor));
        if (position < 0 || length < 0 || descriptor < 0) {
            throw new IOException("a piece of " + length + " bytes at " + position + " of descriptor " + descriptor);
        }
        compare(path);
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            compare(path);
            if (file.size() - position < length) {
                throw new IOException(path + " ends before the piece of " + length + " bytes at " + position);
            }
            return file;
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    private void compare(Path path) throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:mode,dev,ino");
        } catch (UnsupportedOperationException | IllegalArgumentException unknown) {
            throw new IOException("files have no device and node numbers here", unknown);
        }
        boolean regular = found.get("mode") instanceof Integer mode && (mode & TYPE_MASK) == REGULAR;
        boolean same = found.get("dev") instanceof Long dev
                && found.get("ino") instanceof Long ino
                && dev == device
                && ino == node;
        if (!regular || !same) {
            throw new IOException(path + " is not the regular file that the worker named");
        }
    }
}
