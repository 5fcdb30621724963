package terpan.daemon;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import terpan.edge.Edge;

/** Has each loop's edge do something, on its loop. */
final class EachLoop {
    private static final Duration MOST = Duration.ofSeconds(5);

    private final List<Edge> edges;

    EachLoop(List<Edge> edges) {
        this.edges = edges;
    }

    /** Never waits. */
    void tell(Consumer<Edge> what) {
        edges.forEach(edge -> edge.loop.execute(() -> what.accept(edge)));
    }

    /** Waits until all have done it; false: one has not within five seconds. */
    boolean did(Consumer<Edge> what) throws InterruptedException {
        return did(what, MOST);
    }

    /** Waits until all have done it; false: one has not within that time. */
    boolean did(Consumer<Edge> what, Duration most) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(edges.size());
        tell(edge -> {
            try {
                what.accept(edge);
            } finally {
                done.countDown();
            }
        });
        return done.await(most.toMillis(), TimeUnit.MILLISECONDS);
    }
}
