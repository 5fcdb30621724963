package terpan.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogRotation;
import terpan.config.LogService;
import terpan.config.LogSettings;

/**
 * Where the lines of a log go: a file, opened for appending, a stream of the process, or a {@link LogReceiver}. Belongs to the log's writer
 * thread.
 */
final class LineSink {
    /**
     * What the settings say of it.
     *
     * @param what names the log in messages
     * @param word names it for receivers
     * @param file empty: the stream
     * @param to who takes its lines instead
     * @param stream a standard stream's descriptor; never closed
     */
    record Place(
            String what,
            String word,
            Optional<Path> file,
            Optional<LogService> to,
            LogRotation rotation,
            FileDescriptor stream) {
        /** That of the log. */
        static Place ofLog(LogSettings settings) {
            return new Place(
                    "log file", "log", settings.file(), settings.to(), settings.rotation(), FileDescriptor.err);
        }

        /** That of the access log. */
        static Place ofAccessLog(LogSettings settings) {
            return new Place(
                    "access log",
                    "access",
                    settings.accessFile(),
                    settings.accessTo(),
                    settings.rotation(),
                    FileDescriptor.out);
        }
    }

    /** What takes bytes: some of them, or none and says why. */
    private interface Out {
        int write(byte[] bytes, int from, int length) throws IOException;

        /** One event, from this byte on. */
        default int write(Logged event, int from) throws IOException {
            return write(event.text, from, event.text.length - from);
        }

        /** Opens it by its name again, if it has one. */
        default void reopen() throws IOException {}

        default void close() throws IOException {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(LineSink.class);

    private final String name;
    private final Out out;

    private LineSink(String name, Out out) {
        this.name = name;
        this.out = out;
    }

    /**
     * Opens a sink. A receiver need not be there yet.
     *
     * @throws IOException the file can not be opened; the message says which and why
     */
    static LineSink open(Place place) throws IOException {
        if (place.to().isPresent()) {
            LogService service = place.to().get();
            return new LineSink(service.words(), of(receiver(service, place.word())));
        }
        if (place.file().isEmpty()) {
            return new LineSink("a standard stream", of(new FileOutputStream(place.stream()).getChannel()));
        }
        Path file = place.file().get();
        try {
            return new LineSink(file.toString(), of(LogFile.open(file, place.rotation(), InstantSource.system())));
        } catch (IOException failure) {
            throw new IOException(
                    "can not open the %s %s: %s; expected a file in an existing directory that this user may write"
                            .formatted(place.what(), file, failure),
                    failure);
        }
    }

    private static LogReceiver receiver(LogService service, String word) throws IOException {
        return switch (service) {
            case LogService.Journald journal -> new JournalReceiver(journal.socket(), word);
            case LogService.LocalSyslog syslog -> SyslogReceiver.at(syslog, word);
            case LogService.Syslog syslog -> SyslogReceiver.at(syslog, word);
        };
    }

    /**
     * Whether a file can be opened; of a pipe or a device that is not tried, for it may wait for whoever reads.
     *
     * @throws IOException as {@link #open}
     */
    static void check(Place place) throws IOException {
        Optional<Path> file = place.file();
        if (place.to().isEmpty()
                && file.isPresent()
                && (Files.isRegularFile(file.get()) || !Files.exists(file.get()) || Files.isDirectory(file.get()))) {
            open(place).close();
        }
    }

    /** A sink that is not a file. */
    static LineSink of(OutputStream out) {
        return new LineSink("a stream", new Out() {
            @Override
            public int write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                out.flush();
                return length;
            }
        });
    }

    /** Writes what it can of these lines, at least one byte; the rest is to be written next, so that no line is torn. */
    int write(byte[] bytes, int from, int length) throws IOException {
        return some(out.write(bytes, from, length));
    }

    /** The same of an event. */
    int write(Logged event, int from) throws IOException {
        return some(out.write(event, from));
    }

    private static int some(int written) throws IOException {
        if (written <= 0) {
            throw new IOException("it takes nothing at the moment");
        }
        return written;
    }

    /** Opens the file by its name again, for whoever renamed it; without a new one the old one goes on. */
    void reopen() throws IOException {
        out.reopen();
    }

    void close() throws IOException {
        out.close();
    }

    /** The same where nothing can be done about a failure: what was written stays written. */
    void closeQuietly() {
        try {
            close();
        } catch (IOException failed) {
            LOG.atDebug().setCause(failed).addKeyValue("file", name()).log("closing a log failed");
        }
    }

    String name() {
        return name;
    }

    private static Out of(LogFile file) {
        return new Out() {
            @Override
            public int write(byte[] bytes, int from, int length) throws IOException {
                return file.write(bytes, from, length);
            }

            @Override
            public void reopen() throws IOException {
                file.reopen();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private static Out of(FileChannel channel) {
        return (bytes, from, length) -> channel.write(ByteBuffer.wrap(bytes, from, length));
    }

    private static Out of(LogReceiver receiver) {
        return new Out() {
            @Override
            public int write(byte[] bytes, int from, int length) throws IOException {
                int end = from;
                while (end < from + length && bytes[end] != '\n') {
                    end++;
                }
                receiver.send(bytes, from, end, Logged.INFORMATIONAL, System.currentTimeMillis(), Logged.NOTHING);
                return Math.min(end + 1, from + length) - from;
            }

            @Override
            public int write(Logged event, int from) throws IOException {
                int end = event.text.length;
                boolean feed = end > 0 && event.text[end - 1] == '\n';
                receiver.send(event.text, 0, feed ? end - 1 : end, event.severity, event.millis, event.fields);
                return end - from;
            }

            @Override
            public void close() throws IOException {
                receiver.close();
            }
        };
    }
}
