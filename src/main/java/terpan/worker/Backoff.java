package terpan.worker;

import java.time.Duration;

/** How long to wait before the next start after so many failures in a row: at once, then growing, up to a cap. */
final class Backoff {
    private final long first;
    private final long most;

    Backoff(Duration first, Duration most) {
        this.first = first.toNanos();
        this.most = most.toNanos();
    }

    /** Nanoseconds before the start that follows the given number of failures in a row (at least 1). */
    long delay(int failures) {
        if (failures <= 1) {
            return 0;
        }
        int doublings = failures - 2;
        return doublings >= 40 || first > (most >> doublings) ? most : first << doublings;
    }

    /** Whether the delay can grow no more: the worker is in a crash loop. */
    boolean isCrashLoop(int failures) {
        return failures > 1 && delay(failures) >= most;
    }
}
