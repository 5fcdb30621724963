package terpan.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Where the lines of a log go: a file, opened for appending, or a stream of the process. Belongs to the log's writer thread. */
final class LineSink {
    private final Optional<Path> file;
    private OutputStream out;

    private LineSink(Optional<Path> file, OutputStream out) {
        this.file = file;
        this.out = out;
    }

    /**
     * Opens a sink.
     *
     * @param what names the log in messages
     * @param file empty: the stream
     * @param stream a standard stream's descriptor; never closed
     * @throws IOException the file can not be opened; the message says which and why
     */
    static LineSink open(String what, Optional<Path> file, FileDescriptor stream) throws IOException {
        if (file.isEmpty()) {
            return new LineSink(file, new FileOutputStream(stream));
        }
        try {
            return new LineSink(file, append(file.get()));
        } catch (IOException failure) {
            throw new IOException(
                    "can not open the %s %s: %s; expected a file in an existing directory that this user may write"
                            .formatted(what, file.get(), failure),
                    failure);
        }
    }

    /** A sink that is not a file. */
    static LineSink of(OutputStream out) {
        return new LineSink(Optional.empty(), out);
    }

    void write(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
        out.flush();
    }

    /** Opens the file by its name again, for whoever renamed it; without a new one the old one goes on. */
    void reopen() throws IOException {
        if (file.isPresent()) {
            OutputStream next = append(file.get());
            out.close();
            out = next;
        }
    }

    void close() throws IOException {
        if (file.isPresent()) {
            out.close();
        }
    }

    String name() {
        return file.map(Path::toString).orElse("a standard stream");
    }

    private static OutputStream append(Path file) throws IOException {
        return Channels.newOutputStream(FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))));
    }
}
