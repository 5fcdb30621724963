package terpan.tls;

import java.util.concurrent.atomic.AtomicInteger;

/** Something outside of the heap that is freed when its last user has given it back, and never before. Thread-safe. */
abstract class Counted {
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * Takes it for one more user.
     *
     * @return whether it is taken; false: it is free already, and something else has its place
     */
    final boolean take() {
        int known = users.get();
        while (known > 0) {
            if (users.compareAndSet(known, known + 1)) {
                return true;
            }
            known = users.get();
        }
        return false;
    }

    /**
     * One user gives it back; the one that made it is one too.
     *
     * @throws IllegalStateException it was given back by all before
     */
    final void giveBack() {
        int left = users.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException("freed more often than it was taken");
        }
        if (left == 0) {
            free();
        }
    }

    /** Called once. */
    abstract void free();
}
