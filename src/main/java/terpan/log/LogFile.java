package terpan.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogRotation;

/**
 * A file that lines are appended to, and that is renamed to {@code NAME.1} where its settings say so, the older ones before it to {@code
 * NAME.2} and so on, between two lines. Belongs to the log's writer thread.
 */
final class LogFile {
    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);
    private static final byte[] LINE_END = {'\n'};

    /** Where a file can not be renamed it is tried again after this. */
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final Path path;
    private final LogRotation rotation;
    private final InstantSource clock;
    private FileChannel channel;
    private long size;

    /** The span that it belongs to, of those that {@link LogRotation#every} counts. */
    private long span;

    private boolean atLineStart = true;
    private boolean regular;
    private long triedAt;

    private LogFile(Path path, LogRotation rotation, InstantSource clock, FileChannel channel) throws IOException {
        this.path = path;
        this.rotation = rotation;
        this.clock = clock;
        this.channel = channel;
        opened();
    }

    /**
     * Opens it, for appending.
     *
     * @throws IOException it can not be opened
     */
    static LogFile open(Path path, LogRotation rotation, InstantSource clock) throws IOException {
        return new LogFile(path, rotation, clock, append(path));
    }

    private void opened() throws IOException {
        regular = Files.isRegularFile(path);
        size = regular ? channel.size() : 0;
        long begun = size > 0 ? Files.getLastModifiedTime(path).toMillis() : clock.millis();
        span = span(begun);
        atLineStart = true;
    }

    private long span(long millis) {
        return rotation.every()
                .map(every -> Math.floorDiv(millis, every.toMillis()))
                .orElse(0L);
    }

    /** Writes what it can of these bytes. */
    int write(byte[] bytes, int from, int length) throws IOException {
        if (regular && atLineStart && isDue(length)) {
            rotate();
        }
        int written = channel.write(ByteBuffer.wrap(bytes, from, length));
        if (written > 0) {
            size += written;
            atLineStart = bytes[from + written - 1] == '\n';
        }
        return written;
    }

    private boolean isDue(int length) {
        boolean large = size > 0 && size + length > rotation.size().orElse(Long.MAX_VALUE);
        long now = clock.millis();
        return (large || (size > 0 && span(now) > span)) && now - triedAt >= AGAIN.toMillis();
    }

    private void rotate() {
        try {
            for (int number = rotation.keep() - 1; number > 0; number--) {
                Path older = numbered(number);
                if (Files.exists(older)) {
                    Files.move(older, numbered(number + 1), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
            reopen();
            triedAt = 0;
        } catch (IOException failed) {
            triedAt = clock.millis();
            LOG.atWarn()
                    .addKeyValue("file", path)
                    .addKeyValue("reason", failed)
                    .log("log file not renamed, the old one goes on");
        }
    }

    private Path numbered(int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    /** Opens it by its name again; without a new one the old one goes on. */
    void reopen() throws IOException {
        FileChannel next = append(path);
        channel.close();
        channel = next;
        opened();
    }

    void close() throws IOException {
        channel.close();
    }

    private static FileChannel append(Path file) throws IOException {
        return OpenedByRoot.as(file, () -> appendAsWeAre(file));
    }

    private static FileChannel appendAsWeAre(Path file) throws IOException {
        boolean torn = endsWithinALine(file);
        FileChannel channel = opened(file);
        if (torn) {
            try {
                channel.write(ByteBuffer.wrap(LINE_END));
            } catch (IOException full) {
                // Whatever comes next finds the same, and says so.
                return channel;
            }
        }
        return channel;
    }

    private static FileChannel opened(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        } catch (AccessDeniedException | NoSuchFileException notOurs) {
            return OpenedByRoot.open(file).orElseThrow(() -> notOurs);
        }
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
}
