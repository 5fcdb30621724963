package terpan.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.AccessFormat;
import terpan.config.LogMasks;
import terpan.config.LogRotation;
import terpan.config.LogSettings;

@Timeout(30)
@Isolated("the process has one log: what others write meanwhile would be counted")
final class LogsTest {
    private static final Logger LOG = LoggerFactory.getLogger(LogsTest.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    @Test
    void closeFlushesWhatWasLogged() throws IOException {
        Path file = directory.resolve("terpan.log");
        try (Logs logs = Logs.start(settings(file), List.of())) {
            for (int number = 0; number < 500; number++) {
                LOG.atInfo().addKeyValue("number", number).log("a line");
            }
            LOG.debug("below the level");
            assertThat(logs.dropped()).isZero();
        }
        assertThat(Files.readAllLines(file)).hasSize(500).last().asString().contains("\"number\":499}");
    }

    @Test
    void whatOthersSayIsWrittenWhateverTheLevel() throws IOException {
        Path file = directory.resolve("terpan.log");
        Logger others = LoggerFactory.getLogger("terpan.test.others");
        try (Logs logs = Logs.start(settings(file, "error"), List.of(others.getName()))) {
            LOG.warn("below the level");
            others.info("a traceback");
            others.debug("below INFO");
            assertThat(logs.dropped()).isZero();
        }
        assertThat(Files.readAllLines(file)).singleElement().asString().contains("a traceback");
        assertThat(others.isInfoEnabled()).as("after the end").isFalse();
    }

    @Test
    void aRenamedFileIsLeftAndANewOneBegun() throws IOException {
        Path file = directory.resolve("terpan.log");
        Path old = directory.resolve("terpan.log.1");
        try (Logs logs = Logs.start(settings(file), List.of())) {
            LOG.info("before");
            await().atMost(DEADLINE).until(() -> Files.size(file) > 0);
            Files.move(file, old);
            logs.reopen();
            await().atMost(DEADLINE).until(() -> Files.exists(file));
            LOG.info("after");
        }
        assertThat(Files.readAllLines(old)).singleElement().asString().contains("before");
        assertThat(Files.readAllLines(file)).singleElement().asString().contains("after");
    }

    @Test
    void whenTheWriterDoesNotKeepUpLinesAreDroppedCountedAndTold() throws IOException {
        CountDownLatch open = new CountDownLatch(1);
        List<String> written = new java.util.concurrent.CopyOnWriteArrayList<>();
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int value) {
                throw new IllegalStateException("whole lines only");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    open.await();
                } catch (InterruptedException interruption) {
                    throw new IOException(interruption);
                }
                written.add(new String(bytes, offset, length, java.nio.charset.StandardCharsets.UTF_8));
            }
        };
        int count = LogWriter.QUEUE_MOST + 100;
        try (Logs logs = Logs.start(LineSink.of(stuck), new JsonLayout(), Level.INFO, List.of())) {
            for (int number = 0; number < count; number++) {
                LOG.info("a line");
            }
            long dropped = logs.dropped();
            assertThat(dropped).isBetween(99L, 100L);
            open.countDown();
            await().atMost(DEADLINE)
                    .until(() -> written.stream().anyMatch(line -> line.contains("\"lines\":" + dropped)));
            assertThat(written).hasSize((int) (count - dropped) + 1);
        }
    }

    /** A reader that went away and came back; a pipe of the system's. */
    @Test
    void aSinkThatFailedIsWrittenAgainAndWhatWasLostIsToldInOneLine() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        CompletableFuture<InputStream> first =
                CompletableFuture.supplyAsync(() -> open(pipe), Thread::startVirtualThread);
        try (Logs logs = Logs.start(settings(pipe), List.of())) {
            InputStream reader = first.get(10, TimeUnit.SECONDS);
            LOG.info("read");
            assertThat(line(reader)).contains("\"read\"");
            reader.close();
            int many = LogWriter.QUEUE_MOST + 50;
            for (int number = 0; number < many; number++) {
                LOG.info("kept or lost");
            }
            long lost = logs.dropped();
            assertThat(lost).isBetween(40L, 50L);
            try (InputStream again = open(pipe)) {
                for (int number = 0; number < many - lost; number++) {
                    assertThat(line(again)).contains("kept or lost");
                }
                assertThat(line(again)).contains("log is written again").contains("\"lines\":" + lost);
                LOG.info("after");
                assertThat(line(again)).contains("\"after\"");
            }
        }
    }

    @Test
    void aDiskThatIsFullIsTriedAgainAfterPausesAndNotMadeFullerByWhatIsSaidOfIt() throws IOException {
        try (Logs logs = Logs.start(settings(Path.of("/dev/full")), List.of())) {
            LOG.info("a line");
            await().during(Duration.ofMillis(300)).atMost(DEADLINE).until(() -> logs.dropped() == 0);
        }
    }

    @Test
    void aLineThatAFullDiskCutIsEndedBeforeTheNext() throws IOException {
        Path file = directory.resolve("terpan.log");
        Files.writeString(file, "half a li");
        try (Logs logs = Logs.start(settings(file), List.of())) {
            LOG.info("whole");
            assertThat(logs.flush(DEADLINE)).isTrue();
        }
        assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("half a li");
    }

    private static InputStream open(Path pipe) {
        try {
            return Files.newInputStream(pipe);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String line(InputStream from) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = from.read(); next >= 0 && next != '\n'; next = from.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    @Test
    void aFileThatCanNotBeOpenedIsNamed() {
        Path file = directory.resolve("missing/terpan.log");
        assertThatThrownBy(() -> Logs.start(settings(file), List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("can not open the log file " + file);
    }

    private static LogSettings settings(Path file) {
        return settings(file, "info");
    }

    private static LogSettings settings(Path file, String level) {
        return new LogSettings(
                level,
                LogSettings.Format.AUTO,
                Optional.of(file),
                Optional.empty(),
                false,
                AccessFormat.COMBINED,
                Optional.empty(),
                Optional.empty(),
                LogRotation.NONE,
                List.of(),
                LogMasks.NONE,
                Optional.empty());
    }
}
