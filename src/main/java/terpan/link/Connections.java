package terpan.link;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections there are to one worker, over all loops: never more than its server minds. A link that finds no room waits
 * until another one lets an idle connection go; there is one, for no more requests are let in than connections. From any thread.
 */
public final class Connections {
    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger wanted = new AtomicInteger();
    private final List<HttpLink> links = new CopyOnWriteArrayList<>();

    public Connections(int most) {
        this.most = most;
    }

    void join(HttpLink link) {
        links.add(link);
    }

    void leave(HttpLink link) {
        links.remove(link);
    }

    /** Takes room for one connection; false when there is none. */
    boolean take() {
        int now = open.get();
        while (now < most) {
            if (open.compareAndSet(now, now + 1)) {
                return true;
            }
            now = open.get();
        }
        return false;
    }

    /** A connection is closed. */
    void give() {
        open.decrementAndGet();
        if (wanted.get() > 0) {
            shareSoon();
        }
    }

    /** A call waits for room from now on. */
    void want() {
        wanted.incrementAndGet();
        shareSoon();
    }

    /** A call waits no more. */
    void wantedNoMore() {
        wanted.decrementAndGet();
    }

    /** Whether more calls wait than there is room for: idle connections are to give way. */
    boolean scarce() {
        int waiting = wanted.get();
        return waiting > 0 && waiting > most - open.get();
    }

    /** Who wants room looks after the room is made, and who makes it looks after it is wanted: one of them sees the other. */
    private void shareSoon() {
        for (HttpLink link : links) {
            link.loop.execute(link::share);
        }
    }

    int open() {
        return open.get();
    }

    int wanted() {
        return wanted.get();
    }
}
