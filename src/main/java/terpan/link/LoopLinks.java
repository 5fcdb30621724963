package terpan.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.loop.Loop;

/** One loop's links, opened when first wanted. Belongs to the loop's thread. */
public final class LoopLinks {
    private final Loop loop;
    private final LinkTable table;
    private @Nullable WorkerEndpoint[] points = new WorkerEndpoint[8];
    private @Nullable Link[] links = new Link[8];

    public LoopLinks(Loop loop, LinkTable table) {
        this.loop = loop;
        this.table = table;
    }

    /** The link to the worker behind a slot; null when it is gone. */
    public @Nullable Link get(int slot) {
        WorkerEndpoint point = table.get(slot);
        if (slot >= links.length) {
            links = Arrays.copyOf(links, slot * 2);
            points = Arrays.copyOf(points, slot * 2);
        }
        if (points[slot] != point) {
            drop(slot);
            points[slot] = point;
            links[slot] = point == null ? null : point.open(loop);
        }
        return links[slot];
    }

    /** Whether the worker behind a slot is still the one that this loop knows, and alive. */
    public @Nullable WorkerEndpoint point(int slot) {
        return slot < points.length ? points[slot] : null;
    }

    /** Closes the link to a worker that is gone; what is in flight on it fails. */
    public void close(WorkerEndpoint point) {
        for (int slot = 0; slot < points.length; slot++) {
            if (points[slot] == point) {
                drop(slot);
            }
        }
    }

    /** Has connections to this worker that are open now used for no further request. */
    public void renew(WorkerEndpoint point) {
        for (int slot = 0; slot < points.length; slot++) {
            Link link = links[slot];
            if (points[slot] == point && link != null) {
                link.renew();
            }
        }
    }

    /** Closes all. */
    public void closeAll() {
        for (int slot = 0; slot < points.length; slot++) {
            drop(slot);
        }
    }

    private void drop(int slot) {
        Link link = links[slot];
        links[slot] = null;
        points[slot] = null;
        if (link != null) {
            link.close();
        }
    }
}
