package terpan.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.Settings;

class SpoolTest {
    private static final int MEMORY = 64 * 1024;
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final AtomicInteger moreToTake = new AtomicInteger();
    private final AtomicInteger mayAppendAgain = new AtomicInteger();
    private SpoolSpace space;

    @BeforeEach
    void open() throws IOException {
        space = new SpoolSpace(SpoolSpace.Place.of(new Settings.Spool(directory, MEMORY, 0, Long.MAX_VALUE)), 2);
    }

    @AfterEach
    void everythingIsGivenBack() throws IOException {
        await().atMost(SOON)
                .until(() -> space.filesOpen() == 0 && space.bytesOnDisk() == 0 && space.bytesInMemory() == 0);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        space.close();
        loop.close();
    }

    private Spool spool() {
        return new Spool(space, loop, moreToTake::incrementAndGet, mayAppendAgain::incrementAndGet);
    }

    private <T> T onLoop(Callable<T> call) {
        try {
            return loop.submit(call).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private boolean append(Spool spool, byte[] bytes) {
        return onLoop(() -> spool.append(bytes, 0, bytes.length));
    }

    private byte[] take(Spool spool, int most) {
        return onLoop(() -> {
            byte[] into = new byte[most + 2];
            int length = spool.take(into, 1, most);
            return Arrays.copyOfRange(into, 1, 1 + length);
        });
    }

    private void close(Spool spool) {
        onLoop(() -> {
            spool.close();
            return true;
        });
    }

    private static byte[] noise(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Takes until that many bytes have come. */
    private byte[] takeAll(Spool spool, int length) {
        byte[] all = new byte[length];
        int[] got = {0};
        await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(() -> {
            byte[] piece = take(spool, length - got[0]);
            System.arraycopy(piece, 0, all, got[0], piece.length);
            got[0] += piece.length;
            return got[0] == length;
        });
        return all;
    }

    @Test
    void whatFitsInMemoryNeverTouchesTheDisk() {
        Spool spool = spool();
        byte[] bytes = noise(MEMORY, 1);
        assertThat(append(spool, bytes)).isTrue();
        assertThat(spool.available()).isEqualTo(MEMORY);
        assertThat(spool.size()).isEqualTo(MEMORY);
        assertThat(take(spool, MEMORY + 10)).isEqualTo(bytes);
        assertThat(spool.size()).isZero();
        assertThat(space.filesOpen()).isZero();
        assertThat(space.bytesOnDisk()).isZero();
        close(spool);
    }

    @Test
    void whatWasTakenComesAgainAfterARewindWhileAllFitsInMemory() {
        Spool spool = spool();
        byte[] bytes = noise(50_000, 2);
        append(spool, bytes);
        take(spool, 20_000);
        take(spool, 30_000);
        append(spool, new byte[] {7});
        assertThat(onLoop(spool::keeps)).isTrue();
        assertThat(onLoop(spool::rewind)).isTrue();
        assertThat(spool.size()).isEqualTo(50_001);
        byte[] again = take(spool, 60_000);
        assertThat(again).hasSize(50_001).startsWith(bytes).endsWith((byte) 7);
        append(spool, new byte[MEMORY]);
        assertThat(onLoop(spool::keeps)).isFalse();
        assertThat(onLoop(spool::rewind)).isFalse();
        close(spool);
    }

    /** Takes all there is whenever it is told that there is something. */
    private final class Taker implements Runnable {
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private final byte[] into = new byte[100_000];
        private Spool spool = spool();

        @Override
        public void run() {
            moreToTake.incrementAndGet();
            for (int length = spool.take(into, 0, into.length); length > 0; length = spool.take(into, 0, into.length)) {
                got.write(into, 0, length);
            }
        }
    }

    @Test
    void moreThanMemoryGoesThroughTheDiskInOrder() {
        Taker taker = new Taker();
        taker.spool = new Spool(space, loop, taker, mayAppendAgain::incrementAndGet);
        byte[] bytes = noise(1_000_003, 3);
        append(taker.spool, bytes);
        assertThat(taker.spool.size()).isEqualTo(bytes.length);
        loop.execute(taker);
        await().atMost(SOON).until(() -> onLoop(taker.got::size) == bytes.length);
        assertThat(taker.got.toByteArray()).isEqualTo(bytes);
        assertThat(onLoop(taker.spool::size)).isZero();
        assertThat(onLoop(taker.spool::rewind)).isFalse();
        assertThat(moreToTake).hasValueGreaterThan(2);
        close(taker.spool);
    }

    @Test
    void theFileHasNoNameWhileItIsUsed() throws IOException {
        Spool spool = spool();
        append(spool, noise(1 << 20, 4));
        await().atMost(SOON).until(() -> space.filesOpen() == 1);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        close(spool);
    }

    @Test
    void aProducerThatIsTooFastIsPausedAndToldToGoOn() {
        Spool spool = spool();
        assertThat(append(spool, noise(MEMORY + Spool.BACKLOG_MOST, 5))).isFalse();
        await().atMost(SOON).until(() -> mayAppendAgain.get() == 1);
        assertThat(onLoop(spool::mayAppend)).isTrue();
        close(spool);
    }

    @Test
    void aFullSpaceIsBackPressureUntilItIsFreed() throws IOException {
        try (SpoolSpace small = new SpoolSpace(
                SpoolSpace.Place.of(new Settings.Spool(directory, MEMORY, 200_000, Long.MAX_VALUE)), 2)) {
            Spool first = new Spool(small, loop, moreToTake::incrementAndGet, () -> {});
            Spool second = new Spool(small, loop, moreToTake::incrementAndGet, mayAppendAgain::incrementAndGet);
            append(first, noise(MEMORY + 180_000, 6));
            byte[] bytes = noise(MEMORY + 100_000, 7);
            assertThat(append(second, bytes)).isFalse();
            assertThat(onLoop(second::mayAppend)).isFalse();
            assertThat(small.bytesOnDisk()).isLessThanOrEqualTo(200_000);
            close(first);
            await().atMost(SOON).until(() -> mayAppendAgain.get() == 1);
            assertThat(onLoop(second::mayAppend)).isTrue();
            assertThat(takeAll(second, bytes.length)).isEqualTo(bytes);
            close(second);
            await().atMost(SOON).until(() -> small.filesOpen() == 0 && small.bytesOnDisk() == 0);
            assertThat(small.bytesInMemory()).isZero();
        }
    }

    @Test
    void aFullSpaceIsNoDeadlockWhenTheTakerGoesOn() throws IOException {
        try (SpoolSpace small =
                new SpoolSpace(SpoolSpace.Place.of(new Settings.Spool(directory, MEMORY, 50_000, Long.MAX_VALUE)), 2)) {
            Spool spool = new Spool(small, loop, () -> {}, mayAppendAgain::incrementAndGet);
            byte[] bytes = noise(1_000_000, 8);
            assertThat(append(spool, bytes)).isFalse();
            assertThat(takeAll(spool, bytes.length)).isEqualTo(bytes);
            await().atMost(SOON).until(() -> mayAppendAgain.get() == 1);
            close(spool);
            await().atMost(SOON).until(() -> small.filesOpen() == 0 && small.bytesOnDisk() == 0);
        }
    }

    @Test
    void aDirectoryThatIsGoneFailsTheSpoolThroughBothCallbacks() throws IOException {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        try (SpoolSpace broken =
                new SpoolSpace(SpoolSpace.Place.of(new Settings.Spool(gone, MEMORY, 0, Long.MAX_VALUE)), 2)) {
            Files.delete(gone);
            Spool spool = new Spool(broken, loop, moreToTake::incrementAndGet, mayAppendAgain::incrementAndGet);
            append(spool, noise(1 << 20, 9));
            await().atMost(SOON).until(() -> moreToTake.get() == 1 && mayAppendAgain.get() == 1);
            assertThat(onLoop(spool::failed)).isTrue();
            assertThat(onLoop(spool::failure)).isPresent();
            assertThat(append(spool, new byte[10])).isFalse();
            assertThat(take(spool, 10)).isEmpty();
            spool.finish();
            assertThat(spool.exhausted()).isFalse();
            await().atMost(SOON).until(() -> broken.bytesOnDisk() == 0 && broken.bytesInMemory() == 0);
            close(spool);
        }
    }

    @Test
    void closingInEveryStateFreesEverything() {
        Random random = new Random(10);
        for (int round = 0; round < 200; round++) {
            Spool spool = spool();
            append(spool, noise(random.nextInt(400_000), round));
            if (random.nextBoolean()) {
                take(spool, random.nextInt(200_000));
            }
            close(spool);
            close(spool);
            assertThat(spool.size()).isZero();
            assertThat(append(spool, new byte[1])).isFalse();
        }
    }

    @Test
    void closingAfterTheLoopHasEndedFreesTheFile() {
        Spool spool = spool();
        append(spool, noise(1 << 20, 11));
        loop.close();
        spool.close();
        await().atMost(SOON).until(() -> space.filesOpen() == 0);
    }

    @Test
    void whatTheDiskDidIsToldToNobodyOnceTheLoopTakesNoMoreTasks() {
        List<Runnable> tasks = new CopyOnWriteArrayList<>();
        AtomicBoolean ended = new AtomicBoolean();
        Executor ending = task -> {
            if (ended.get()) {
                throw new RejectedExecutionException();
            }
            tasks.add(task);
        };
        Spool spool = new Spool(space, ending, moreToTake::incrementAndGet, mayAppendAgain::incrementAndGet);
        assertThat(spool.append(noise(1 << 20, 13), 0, 1 << 20)).isFalse();
        await().atMost(SOON).until(() -> !tasks.isEmpty());
        ended.set(true);
        tasks.forEach(Runnable::run);
        spool.close();
        await().atMost(SOON).until(() -> space.filesOpen() == 0 && space.bytesInMemory() == 0);
    }

    @Test
    void closingAfterTheSpaceHasEndedFreesTheFile() {
        Spool spool = spool();
        append(spool, noise(1 << 20, 12));
        space.close();
        close(spool);
        await().atMost(SOON).until(() -> space.filesOpen() == 0);
    }

    @Test
    void appendingAfterTheEndIsAFault() {
        Spool spool = spool();
        spool.finish();
        assertThat(spool.exhausted()).isTrue();
        assertThatThrownBy(() -> spool.append(new byte[1], 0, 1)).isInstanceOf(IllegalStateException.class);
        close(spool);
    }

    @Test
    void aDirectoryThatIsNotThereIsSaidAtTheStart() {
        assertThatThrownBy(() -> new SpoolSpace(
                                SpoolSpace.Place.of(
                                        new Settings.Spool(directory.resolve("none"), MEMORY, 0, Long.MAX_VALUE)),
                                2)
                        .close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("spool directory")
                .hasMessageContaining("none");
    }

    @Test
    void randomSequencesComeOutAsTheyWentIn() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            Spool spool = spool();
            byte[] bytes = noise(random.nextInt(2_000_000), seed + round);
            byte[] got = new byte[bytes.length];
            int in = 0;
            int out = 0;
            while (out < bytes.length) {
                if (in < bytes.length && random.nextInt(3) > 0) {
                    int from = in;
                    int to = Math.min(bytes.length, in + random.nextInt(1 + (1 << random.nextInt(18))));
                    onLoop(() -> spool.append(bytes, from, to));
                    in = to;
                } else {
                    byte[] piece = take(spool, 1 + random.nextInt(1 << random.nextInt(18)));
                    System.arraycopy(piece, 0, got, out, piece.length);
                    out += piece.length;
                }
                assertThat(onLoop(spool::size)).as("seed %d", seed).isEqualTo(in - out);
            }
            assertThat(got).as("seed %d", seed).isEqualTo(bytes);
            close(spool);
        }
    }
}
