package terpan.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import terpan.loop.NioLoop;

final class RepeatedTest {
    @Test
    @Timeout(20)
    void whatComesAgainAndAgainComesAgainAfterAFaultToo() throws IOException, InterruptedException {
        NioLoop loop = new NioLoop(0);
        CountDownLatch rounds = new CountDownLatch(3);
        loop.start();
        Repeated.on(loop, Duration.ofMillis(1).toNanos(), () -> {
            rounds.countDown();
            throw new IllegalStateException("a fault");
        });
        Assertions.assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
        loop.stop();
    }
}
