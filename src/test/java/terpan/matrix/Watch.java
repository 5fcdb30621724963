package terpan.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A file that an application waits for: made when the test says so, else after some seconds, for a server may never get so far. */
final class Watch {
    private enum State {
        WAITS,
        BY_TEST,
        BY_TIME
    }

    private final Path file;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITS);

    private Watch(Path file) {
        this.file = file;
    }

    static Watch over(Path file, int seconds) {
        Watch watch = new Watch(file);
        CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS).execute(() -> watch.make(State.BY_TIME));
        return watch;
    }

    /** Makes the file; false: it was made already, for the time was over. */
    boolean touch() {
        return make(State.BY_TEST) || state.get() == State.BY_TEST;
    }

    private boolean make(State by) {
        if (!state.compareAndSet(State.WAITS, by)) {
            return false;
        }
        try {
            Bench.touch(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return true;
    }
}
