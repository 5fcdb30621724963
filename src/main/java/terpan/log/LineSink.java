package terpan.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Where the lines of a log go: a file, opened for appending, or a stream of the process. Belongs to the log's writer thread. */
final class LineSink {
    /** What takes bytes: some of them, or none and says why. */
    private interface Out {
        int write(byte[] bytes, int from, int length) throws IOException;

        void close() throws IOException;
    }

    private static final byte[] LINE_END = {'\n'};

    private final Optional<Path> file;
    private Out out;

    private LineSink(Optional<Path> file, Out out) {
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
            return new LineSink(file, of(new FileOutputStream(stream).getChannel()));
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
        return new LineSink(Optional.empty(), new Out() {
            @Override
            public int write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                out.flush();
                return length;
            }

            @Override
            public void close() throws IOException {
                out.close();
            }
        });
    }

    /** Writes what it can of these bytes, at least one; the rest is to be written next, so that no line is torn. */
    int write(byte[] bytes, int from, int length) throws IOException {
        int written = out.write(bytes, from, length);
        if (written <= 0) {
            throw new IOException("it takes nothing at the moment");
        }
        return written;
    }

    /** Opens the file by its name again, for whoever renamed it; without a new one the old one goes on. */
    void reopen() throws IOException {
        if (file.isPresent()) {
            Out next = append(file.get());
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

    private static Out append(Path file) throws IOException {
        boolean torn = endsWithinALine(file);
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        if (torn) {
            try {
                channel.write(ByteBuffer.wrap(LINE_END));
            } catch (IOException full) {
                // Whatever comes next finds the same, and says so.
                return of(channel);
            }
        }
        return of(channel);
    }

    /** The disk may have been full in the middle of a line, before the process that wrote it ended. */
    private static boolean endsWithinALine(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            long size = channel.size();
            return size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n';
        }
    }

    private static Out of(FileChannel channel) {
        return new Out() {
            @Override
            public int write(byte[] bytes, int from, int length) throws IOException {
                return channel.write(ByteBuffer.wrap(bytes, from, length));
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
