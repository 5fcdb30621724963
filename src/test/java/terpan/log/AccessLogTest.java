package terpan.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.LogRotation;
import terpan.config.LogSettings;

final class AccessLogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    @Test
    void linesOfAllLoopsReachTheFileSoon() throws IOException {
        Path file = directory.resolve("access.log");
        try (AccessLog log = open(file)) {
            AccessBuffer one = log.buffer();
            AccessBuffer two = log.buffer();
            one.write(AccessEntries.entry("/one", "-", "-"));
            two.write(AccessEntries.entry("/two", "-", "-"));
            await().atMost(DEADLINE).until(() -> lines(file).size() == 2);
            one.write(AccessEntries.entry("/three", "-", "-"));
            await().atMost(DEADLINE).until(() -> lines(file).size() == 3);
            assertThat(log.dropped()).isZero();
        }
    }

    @Test
    void linesOfOneLoopKeepTheirOrderThroughManyBuffers() throws IOException {
        Path file = directory.resolve("access.log");
        int count = 5_000;
        try (AccessLog log = open(file)) {
            AccessBuffer buffer = log.buffer();
            for (int number = 0; number < count; number++) {
                buffer.write(AccessEntries.entry("/" + number + "/", "-", "-"));
            }
        }
        List<String> lines = lines(file);
        assertThat(lines).hasSize(count);
        for (int number = 0; number < count; number++) {
            assertThat(lines.get(number)).contains("GET /" + number + "/ ");
        }
    }

    @Test
    void aRenamedFileIsLeftAndANewOneBegun() throws IOException {
        Path file = directory.resolve("access.log");
        Path old = directory.resolve("access.log.1");
        try (AccessLog log = open(file)) {
            AccessBuffer buffer = log.buffer();
            buffer.write(AccessEntries.entry("/before", "-", "-"));
            await().atMost(DEADLINE).until(() -> lines(file).size() == 1);
            Files.move(file, old);
            log.reopen();
            await().atMost(DEADLINE).until(() -> Files.exists(file));
            buffer.write(AccessEntries.entry("/after", "-", "-"));
        }
        assertThat(lines(old)).singleElement().asString().contains("/before");
        assertThat(lines(file)).singleElement().asString().contains("/after");
    }

    @Test
    void fullBuffersAreWrittenWithoutWaitingForMore() {
        CountDownLatch disk = new CountDownLatch(0);
        try (StuckStream quick = new StuckStream(disk);
                AccessLog log = AccessLog.start(LogSettings.USUAL, LineSink.of(quick))) {
            AccessBuffer buffer = log.buffer();
            AccessEntry entry = AccessEntries.entry("/", "-", "-");
            int written = 0;
            long end = System.nanoTime() + DEADLINE.toNanos();
            while (quick.longest <= AccessLog.BUFFER_BYTES / 2 && System.nanoTime() < end) {
                buffer.write(entry);
                written++;
            }
            assertThat(quick.longest).isGreaterThan(AccessLog.BUFFER_BYTES / 2);
            int expected = written;
            await().atMost(DEADLINE).until(() -> quick.lines + log.dropped() == expected);
        }
    }

    @Test
    void whenTheDiskDoesNotKeepUpLinesAreDroppedAndCounted() {
        CountDownLatch disk = new CountDownLatch(1);
        try (StuckStream stuck = new StuckStream(disk);
                AccessLog log = AccessLog.start(LogSettings.USUAL, LineSink.of(stuck))) {
            AccessBuffer buffer = log.buffer();
            AccessEntry entry = AccessEntries.entry("/", "-", "-");
            int length = AccessEntries.encoded(new CombinedEncoder(java.time.ZoneOffset.UTC, QueryMask.NONE), entry)
                    .length();
            int written = 2 * AccessLog.BUFFERS_MOST * AccessLog.BUFFER_BYTES / length;
            for (int number = 0; number < written; number++) {
                buffer.write(entry);
            }
            long dropped = log.dropped();
            assertThat(dropped).isPositive();
            disk.countDown();
            await().atMost(DEADLINE).until(() -> stuck.lines + log.dropped() == written);
            assertThat(log.dropped()).isEqualTo(dropped);
        }
    }

    @Test
    void linesThatCanNotBeWrittenToTheEndAreCounted() {
        FullDisk disk = new FullDisk();
        AccessLog log = AccessLog.start(LogSettings.USUAL, LineSink.of(disk));
        log.buffer().write(AccessEntries.entry("/", "-", "-"));
        await().atMost(DEADLINE).until(() -> disk.tries > 1);
        assertThat(log.dropped()).as("it is tried again").isZero();
        log.close();
        assertThat(log.dropped()).isOne();
    }

    @Test
    void whatCameWhileTheDiskWasFullIsWrittenWithoutAnotherLine() {
        FullDisk disk = new FullDisk();
        try (AccessLog log = AccessLog.start(LogSettings.USUAL, LineSink.of(disk))) {
            AccessBuffer buffer = log.buffer();
            buffer.write(AccessEntries.entry("/", "-", "-"));
            await().atMost(DEADLINE).until(() -> disk.tries > 1);
            buffer.write(AccessEntries.entry("/behind", "-", "-"));
            int tries = disk.tries;
            await().atMost(DEADLINE).until(() -> disk.tries > tries + 1);
            disk.full = false;
            await().atMost(DEADLINE).until(() -> disk.lines == 2);
            assertThat(log.dropped()).isZero();
        }
    }

    @Test
    void aFileThatCanNotBeOpenedIsNamed() {
        Path file = directory.resolve("missing/access.log");
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("can not open the access log " + file);
    }

    private static AccessLog open(Path file) throws IOException {
        return AccessLog.start(
                LogSettings.USUAL,
                LineSink.open(new LineSink.Place(
                        "access log",
                        "access",
                        Optional.of(file),
                        Optional.empty(),
                        LogRotation.NONE,
                        FileDescriptor.out)));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    /** Takes nothing until the latch is open, then counts line feeds. */
    private static final class StuckStream extends OutputStream {
        private final CountDownLatch open;
        private volatile int lines;
        private volatile int longest;

        StuckStream(CountDownLatch open) {
            this.open = open;
        }

        @Override
        public void write(int value) {
            throw new IllegalStateException("whole buffers only");
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate")
        public void write(byte[] bytes, int offset, int length) {
            try {
                open.await();
            } catch (InterruptedException interruption) {
                Thread.currentThread().interrupt();
            }
            int count = 0;
            for (int at = offset; at < offset + length; at++) {
                count += bytes[at] == '\n' ? 1 : 0;
            }
            lines += count;
            longest = Math.max(longest, length);
        }

        @Override
        public void close() {
            open.countDown();
        }
    }

    private static final class FullDisk extends OutputStream {
        private volatile boolean full = true;
        private volatile int tries;
        private volatile int lines;

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate")
        public void write(int value) throws IOException {
            if (full) {
                tries++;
                throw new IOException("No space left on device");
            }
            lines += value == '\n' ? 1 : 0;
        }
    }
}
