package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.LogRotation;

final class LogFileTest {
    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-11-22T23:59:00Z");

    @Test
    void aFileThatWouldBeTooLargeIsRenamedAndTheOldestGoes() throws IOException {
        LogFile file = open(new LogRotation(OptionalLong.of(10), Optional.empty(), 2));
        for (String line : new String[] {"one\n", "two\n", "three\n", "four\n", "five5\n", "six\n"}) {
            write(file, line);
        }
        file.close();
        assertThat(folder.resolve("log")).hasContent("five5\nsix\n");
        assertThat(folder.resolve("log.1")).hasContent("four\n");
        assertThat(folder.resolve("log.2")).hasContent("three\n");
        assertThat(folder.resolve("log.3")).doesNotExist();
    }

    @Test
    void aLineIsNeverDividedBetweenFiles() throws IOException {
        LogFile file = open(new LogRotation(OptionalLong.of(6), Optional.empty(), 9));
        write(file, "abc");
        write(file, "defgh\n");
        write(file, "next\n");
        file.close();
        assertThat(folder.resolve("log.1")).hasContent("abcdefgh\n");
        assertThat(folder.resolve("log")).hasContent("next\n");
    }

    @Test
    void aFileOfAnEarlierSpanIsRenamedAlsoAfterAStart() throws IOException {
        LogRotation daily = new LogRotation(OptionalLong.empty(), Optional.of(Duration.ofDays(1)), 7);
        LogFile file = open(daily);
        write(file, "yesterday\n");
        now = now.plus(Duration.ofMinutes(2));
        write(file, "today\n");
        file.close();
        assertThat(folder.resolve("log.1")).hasContent("yesterday\n");
        assertThat(folder.resolve("log")).hasContent("today\n");
        Files.setLastModifiedTime(folder.resolve("log"), FileTime.from(now));
        now = now.plus(Duration.ofDays(1));
        file = open(daily);
        write(file, "later\n");
        file.close();
        assertThat(folder.resolve("log.1")).hasContent("today\n");
        assertThat(folder.resolve("log.2")).hasContent("yesterday\n");
    }

    @Test
    void whereNothingCanBeRenamedTheOldFileGoesOn() throws IOException {
        Files.createDirectories(folder.resolve("log.1/not-empty"));
        LogFile file = open(new LogRotation(OptionalLong.of(5), Optional.empty(), 1));
        write(file, "one\n");
        write(file, "two\n");
        file.close();
        assertThat(folder.resolve("log")).hasContent("one\ntwo\n");
    }

    private LogFile open(LogRotation rotation) throws IOException {
        return LogFile.open(folder.resolve("log"), rotation, () -> now);
    }

    private static void write(LogFile file, String text) throws IOException {
        byte[] bytes = text.getBytes(US_ASCII);
        assertThat(file.write(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    }
}
