package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.picture.Front;

final class FrontWatchTest {
    private static final long FILES_MOST = 100_000;
    private static final long SECOND = 1_000_000_000L;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("terpan-io-0").daemon().factory());

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    @Test
    void theProcessItselfIsToldOf() {
        Front front = new FrontWatch(FILES_MOST, List.of(), System::nanoTime).get();
        assertThat(front.processorSeconds()).isPositive();
        assertThat(front.residentBytes()).isGreaterThan(10 << 20);
        assertThat(front.files()).isBetween(3L, front.filesMost());
        assertThat(front.heapBytes()).isBetween(1L, front.heapMost());
    }

    @Test
    void aThreadThatComputesIsBusyAndItsTasksWait() throws Exception {
        FrontWatch watch = new FrontWatch(FILES_MOST, List.of(thread), System::nanoTime);
        thread.submit(() -> {}).get();
        watch.look();
        await().until(() -> watch.get().loops().getFirst().workedSeconds() > 0);
        thread.execute(() -> {
            long until = System.nanoTime() + SECOND;
            while (System.nanoTime() < until && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        });
        watch.look();
        thread.submit(() -> {}).get();
        watch.look();
        await().untilAsserted(() -> {
            Front.Loop loop = watch.get().loops().getFirst();
            assertThat(loop.lagSeconds()).isGreaterThan(0.5);
            assertThat(loop.busy()).isGreaterThan(0.05);
        });
    }

    @Test
    void aLoopThatStandsStillIsAsLateAsItIs() throws Exception {
        AtomicLong now = new AtomicLong();
        FrontWatch watch = new FrontWatch(FILES_MOST, List.of(thread), now::get);
        CountDownLatch goes = new CountDownLatch(1);
        thread.execute(() -> {
            try {
                goes.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        watch.look();
        now.set(7 * SECOND);
        assertThat(watch.get().loops().getFirst().lagSeconds()).isEqualTo(7);
        goes.countDown();
    }
}
