package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import terpan.picture.Activity;
import terpan.picture.Picture;

/** Who looks gets a picture of now, and many who look at once share one. */
final class SamplerTest {
    private final AtomicInteger made = new AtomicInteger();

    private static Picture numbered(int number) {
        return new Picture(
                "0",
                number,
                "serving",
                Instant.EPOCH,
                Duration.ZERO,
                List.of(),
                "builtin",
                Optional.empty(),
                1,
                Optional.empty(),
                0,
                0,
                0,
                0,
                new Picture.Spool(0, 0, 0),
                new Picture.Requests(0, 0, 0, 0, 0, 0),
                List.of(),
                List.of(),
                List.of(),
                0,
                0,
                new Picture.Buffers(0, 0),
                new Picture.Dropped(0, 0),
                Optional.empty(),
                List.of(),
                Picture.Issuance.NONE,
                List.of(),
                Activity.NONE);
    }

    @Test
    void whoAsksAfterAnotherGetsANewOne() {
        Sampler sampler = new Sampler(() -> numbered(made.incrementAndGet()));
        assertThat(sampler.get().pid()).isEqualTo(1);
        assertThat(sampler.get().pid()).isEqualTo(2);
    }

    @Test
    void allWhoAskWhileOneIsMadeShareTheNext() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Sampler sampler = new Sampler(() -> {
            int number = made.incrementAndGet();
            if (number == 1) {
                begun.countDown();
                await().until(() -> goOn.getCount() == 0);
            }
            return numbered(number);
        });
        CompletableFuture<Picture> first = CompletableFuture.supplyAsync(sampler, task -> new Thread(task).start());
        begun.await();
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Picture>> others = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Picture> its = new CompletableFuture<>();
            others.add(its);
            threads.add(Thread.ofPlatform().start(() -> its.complete(sampler.get())));
        }
        await().until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.BLOCKED));
        goOn.countDown();
        assertThat(first.get().pid()).isEqualTo(1);
        for (CompletableFuture<Picture> other : others) {
            assertThat(other.get().pid()).isEqualTo(2);
        }
        assertThat(made).hasValue(2);
    }

    @Test
    void afterAFaultTheNextWhoAsksGetsAPicture() {
        Sampler sampler = new Sampler(() -> {
            if (made.incrementAndGet() == 1) {
                throw new IllegalStateException("a fault");
            }
            return numbered(made.get());
        });
        assertThatThrownBy(sampler::get).hasMessage("a fault");
        assertThat(sampler.get().pid()).isEqualTo(2);
    }
}
