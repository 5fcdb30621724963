package terpan.terminal;

import java.time.Duration;

/** Time between two looks. No state. */
final class Pause {
    private Pause() {}

    /** Waits so long, or until the thread is interrupted, which it is then still. */
    static void of(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
