package terpan.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.Settings;

/** A long answer to a slow client. */
class SpoolPassageTest {
    private static final int MEMORY = 64 * 1024;

    @TempDir
    private Path directory;

    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void endLoop() {
        loop.close();
    }

    /** Memory of all blocks may be what one spool is allowed: ready, tail, under way, and one append. */
    @Test
    void aQuarterOfAGibibyteGoesThroughWithLittleMemory() throws IOException {
        long all = 256L << 20;
        try (SpoolSpace bounded = new SpoolSpace(
                SpoolSpace.Place.of(new Settings.Spool(directory, MEMORY, 80L << 20, Long.MAX_VALUE)), 2)) {
            long[] most = {0, 0};
            Passage passage = new Passage(bounded, all, most);
            loop.execute(passage::produce);
            loop.execute(passage::take);
            await().atMost(Duration.ofSeconds(60)).until(() -> passage.done);
            assertThat(passage.wrongAt).isEqualTo(-1);
            assertThat(most[0]).as("bytes of memory").isLessThanOrEqualTo(1 << 20);
            assertThat(most[1]).as("bytes on disk").isBetween(1L << 20, 80L << 20);
            loop.execute(passage.spool::close);
            await().atMost(Duration.ofSeconds(20)).until(() -> bounded.filesOpen() == 0 && bounded.bytesOnDisk() == 0);
            assertThat(bounded.bytesInMemory()).isZero();
        }
    }

    /** A producer that stops when it is told to, and a taker that is half as fast. */
    private final class Passage {
        private final byte[] piece = new byte[64 * 1024];
        private final byte[] into = new byte[32 * 1024];
        private final SpoolSpace bounded;
        private final long all;
        private final long[] most;
        private final Spool spool;
        private long appended;
        private long taken;
        private volatile boolean done;
        private volatile long wrongAt = -1;

        Passage(SpoolSpace bounded, long all, long[] most) {
            this.bounded = bounded;
            this.all = all;
            this.most = most;
            this.spool = new Spool(bounded, loop, this::take, this::produce);
        }

        /** The byte at a place; the period is no power of two, so that a misplaced block shows. */
        private static byte at(long place) {
            return (byte) (place % 251);
        }

        void produce() {
            if (spool.finished()) {
                return;
            }
            for (int i = 0; i < piece.length; i++) {
                piece[i] = at(appended + i);
            }
            appended += piece.length;
            boolean more = spool.append(piece, 0, piece.length);
            if (appended == all) {
                spool.finish();
            } else if (more) {
                loop.execute(this::produce);
            }
        }

        void take() {
            most[0] = Math.max(most[0], bounded.bytesInMemory());
            most[1] = Math.max(most[1], bounded.bytesOnDisk());
            int length = spool.take(into, 0, into.length);
            for (int i = 0; i < length && wrongAt < 0; i++) {
                if (into[i] != at(taken + i)) {
                    wrongAt = taken + i;
                }
            }
            taken += length;
            if (spool.exhausted() || wrongAt >= 0) {
                done = true;
            } else if (length > 0) {
                loop.execute(this::take);
            }
        }
    }
}
