package terpan.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.Settings;

/** What all spools together may take: files, and memory before each has to do with less. */
class SpoolBoundsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MEMORY = 64 * 1024;

    @TempDir
    private Path directory;

    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final AtomicInteger mayAppendAgain = new AtomicInteger();
    private SpoolSpace space;

    @BeforeEach
    void open() throws IOException {
        space = new SpoolSpace(SpoolSpace.Place.of(new Settings.Spool(directory, MEMORY, 0, Long.MAX_VALUE)), 2);
    }

    @AfterEach
    void everythingIsGivenBack() {
        await().atMost(SOON)
                .until(() -> space.filesOpen() == 0 && space.bytesOnDisk() == 0 && space.bytesInMemory() == 0);
        space.close();
        loop.close();
    }

    private Spool filled(int bytes) {
        return onLoop(() -> {
            Spool spool = new Spool(space, loop, () -> {}, mayAppendAgain::incrementAndGet);
            spool.append(new byte[bytes], 0, bytes);
            return spool;
        });
    }

    private <T> T onLoop(Callable<T> call) {
        try {
            return loop.submit(call).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSpoolThatMayHaveNoFileWaitsUntilAnotherIsClosed() {
        space.onDiskMost(1);
        Spool first = filled(200_000);
        await().atMost(SOON).until(() -> space.filesOpen() == 1);
        Spool second = filled(200_000);
        assertThat(onLoop(second::mayAppend)).isFalse();
        assertThat(space.filesOpen()).isEqualTo(1);

        onLoop(() -> {
            first.close();
            return true;
        });
        await().atMost(SOON).until(() -> mayAppendAgain.get() > 0 && onLoop(second::mayAppend));
        await().atMost(SOON).until(() -> space.filesOpen() == 1);
        onLoop(() -> {
            second.close();
            return true;
        });
    }

    @Test
    void whenMuchIsHeldEachSpoolKeepsASmallBlockOnly() {
        space.memoryBounds(100_000, 1 << 20);
        Spool first = filled(70_000);
        Spool second = filled(60_000);
        long before = space.bytesInMemory();
        Spool third = filled(60_000);
        await().atMost(SOON).until(() -> space.filesOpen() > 0);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(space.bytesInMemory() - before).isLessThanOrEqualTo(2 * Block.SMALL));
        for (Spool spool : new Spool[] {first, second, third}) {
            onLoop(() -> {
                spool.close();
                return true;
            });
        }
    }
}
