package terpan.edge.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Openings that hang, as those of a real FIFO do. */
@Timeout(60)
final class OpenersTest {
    private static final StaticRule RULE = StaticRule.directory(Path.of("/srv/one"));
    private static final StaticRule OTHER = StaticRule.directory(Path.of("/srv/two"));
    private static final Optional<Found> FOUND = Optional.of(Found.Missing.MISSING);

    private final Openers openers = new Openers(Duration.ofMillis(200));
    private final AtomicInteger opened = new AtomicInteger();

    @TempDir
    private Path folder;

    private Path fifo(String name) throws Exception {
        Path fifo = folder.resolve(name);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        return fifo;
    }

    private Optional<Found> open(Path file) throws IOException {
        FileChannel.open(file, StandardOpenOption.READ).close();
        opened.incrementAndGet();
        return FOUND;
    }

    /** Whoever waits to read it goes on. */
    private static void free(Path fifo) throws IOException {
        FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)
                .close();
    }

    @Test
    void oneThatHangsIsNotWaitedForAndKeepsItsRuleFromMoreUntilItComesBack() throws Exception {
        Path fifo = fifo("pipe");
        assertThatThrownBy(() -> openers.open(RULE, () -> open(fifo))).hasMessageContaining("is it one?");
        assertThatThrownBy(() -> openers.open(RULE, () -> FOUND)).hasMessageContaining("hangs while it is opened");
        assertThat(openers.open(OTHER, () -> FOUND)).isEqualTo(FOUND);
        free(fifo);
        await().untilAsserted(() -> assertThat(openers.open(RULE, () -> FOUND)).isEqualTo(FOUND));
        assertThat(opened).hasValue(1);
    }

    @Test
    void moreThanThereAreThreadsForFailAtOnce() throws Exception {
        Path[] fifos = new Path[Openers.MOST];
        for (int i = 0; i < fifos.length; i++) {
            Path fifo = fifo("pipe" + i);
            fifos[i] = fifo;
            StaticRule rule = StaticRule.directory(Path.of("/srv/" + i));
            assertThatThrownBy(() -> openers.open(rule, () -> open(fifo))).hasMessageContaining("is it one?");
        }
        assertThatThrownBy(() -> openers.open(OTHER, () -> FOUND)).hasMessageContaining("all 16 threads");
        for (Path fifo : fifos) {
            free(fifo);
        }
        await().untilAsserted(() -> assertThat(openers.open(OTHER, () -> FOUND)).isEqualTo(FOUND));
    }

    @Test
    void whatFailsFailsAsItDid() {
        assertThatThrownBy(() -> openers.open(RULE, () -> open(folder.resolve("none"))))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> openers.open(RULE, () -> {
                    throw new IllegalArgumentException("a fault");
                }))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
