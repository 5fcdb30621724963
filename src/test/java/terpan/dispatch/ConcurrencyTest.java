package terpan.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several loops on one dispatcher: each request is granted once, and nothing is left behind. */
final class ConcurrencyTest {
    private static final int REQUESTS = 30_000;

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void loopsOnOneDispatcherServeEveryRequestOnce(int threads) throws InterruptedException {
        Dispatcher dispatcher = new Dispatcher(PretendSettings.defaults(), bound -> 0);
        for (int i = 0; i < 3; i++) {
            dispatcher.ready(dispatcher.add(new SlotSpec("w" + i, 1, 32, i > 0)), 0);
        }
        AtomicInteger served = new AtomicInteger();
        List<Throwable> failures = new ArrayList<>();
        CountDownLatch ended = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            long loop = i;
            Thread.ofPlatform().start(() -> {
                try {
                    new PretendLoop(dispatcher, loop, served).run();
                } catch (RuntimeException | AssertionError failure) {
                    synchronized (failures) {
                        failures.add(failure);
                    }
                } finally {
                    ended.countDown();
                }
            });
        }
        assertThat(ended.await(60, TimeUnit.SECONDS))
                .as("all loops ended in time")
                .isTrue();
        assertThat(failures).isEmpty();
        assertThat(served).hasValue(threads * REQUESTS);
        dispatcher.check();
        DispatchSnapshot snapshot = dispatcher.snapshot();
        assertThat(snapshot.inFlight()).isZero();
        assertThat(snapshot.waiting()).isZero();
        assertThat(snapshot.counts().granted()).isEqualTo((long) threads * REQUESTS);
    }

    /** A loop: asks, holds what it gets for a moment, gives it back; grants of its waiters may come from other threads. */
    private static final class PretendLoop implements Runnable {
        /** On a busy machine spinning would keep whoever has the lease from working. */
        private static final long PAUSE = 1_000;

        private static final AtomicLong TIME = new AtomicLong();

        private final Dispatcher dispatcher;
        private final long number;
        private final AtomicInteger served;
        private final ConcurrentLinkedQueue<Lease> granted = new ConcurrentLinkedQueue<>();
        private int done;

        PretendLoop(Dispatcher dispatcher, long number, AtomicInteger served) {
            this.dispatcher = dispatcher;
            this.number = number;
            this.served = served;
        }

        @Override
        public void run() {
            int asked = 0;
            for (long turn = 0; done < REQUESTS; turn++) {
                long now = TIME.addAndGet(1_000);
                while (asked < REQUESTS && asked - done < 24) {
                    asked++;
                    admit(now, turn);
                }
                Lease lease = granted.poll();
                if (lease == null) {
                    LockSupport.parkNanos(PAUSE);
                }
                for (; lease != null; lease = granted.poll()) {
                    lease.settle(Outcome.ANSWERED, now);
                    served.incrementAndGet();
                    done++;
                }
            }
        }

        private void admit(long now, long turn) {
            Waiter waiter = new Waiter() {
                @Override
                public void granted(Lease lease) {
                    granted.add(lease);
                }

                @Override
                public void rejected(Admission.Rejected reason) {
                    throw new AssertionError("refused: " + reason.label());
                }

                @Override
                public boolean bodyRepeatable() {
                    return true;
                }

                @Override
                public int route() {
                    return 1;
                }
            };
            switch (dispatcher.admit(waiter, now, number << 56 | turn)) {
                case Lease lease -> granted.add(lease);
                case Admission.Queued _ -> {}
                case Admission.Rejected reason -> throw new AssertionError("refused: " + reason.label());
            }
        }
    }
}
