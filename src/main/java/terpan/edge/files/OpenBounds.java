package terpan.edge.files;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What all files that are open take, those of answers under way among them: descriptors, and memory for small ones. Thread-safe. */
final class OpenBounds {
    /** 4 MiB, or one part in 32 of the heap. */
    private static final long CONTENT_IN_ALL =
            Math.min(4L << 20, Runtime.getRuntime().maxMemory() / 32);

    private final AtomicInteger descriptors = new AtomicInteger();
    private final AtomicLong content = new AtomicLong();
    private volatile int most;

    /**
     * Nothing is open yet.
     *
     * @param most descriptors in all, 1 or more
     */
    OpenBounds(int most) {
        this.most = most;
    }

    void most(int descriptors) {
        most = descriptors;
    }

    int most() {
        return most;
    }

    void opened(StaticFile file) {
        descriptors.addAndGet(file.descriptors());
        content.addAndGet(file.held());
    }

    void closed(StaticFile file) {
        descriptors.addAndGet(-file.descriptors());
        content.addAndGet(-file.held());
    }

    int descriptors() {
        return descriptors.get();
    }

    /** Whether one more may be open; as several threads ask, one more for each. */
    boolean hasDescriptor() {
        return descriptors.get() < most;
    }

    /** Whether so many bytes more may be in memory. */
    boolean takes(long bytes) {
        return bytes <= OpenFiles.CONTENT_MOST && content.get() + bytes <= CONTENT_IN_ALL;
    }
}
