package terpan.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.loop.Loop;

/** One loop's links, opened when first wanted. Belongs to the loop's thread. */
public final class LoopLinks {
    private final Loop loop;
    private final LinkTable table;
    private @Nullable WorkerEndpoint[] endpoints = new WorkerEndpoint[8];
    private @Nullable Link[] links = new Link[8];

    public LoopLinks(Loop loop, LinkTable table) {
        this.loop = loop;
        this.table = table;
    }

    /** The link to the worker behind a slot; null when it is gone. */
    public @Nullable Link get(int slot) {
        WorkerEndpoint endpoint = table.get(slot);
        if (slot >= links.length) {
            links = Arrays.copyOf(links, slot * 2);
            endpoints = Arrays.copyOf(endpoints, slot * 2);
        }
        if (endpoints[slot] != endpoint) {
            drop(slot);
            endpoints[slot] = endpoint;
            links[slot] = endpoint == null ? null : endpoint.open(loop);
        }
        return links[slot];
    }

    /** The worker behind a slot as this loop knows it; null: it is gone, or was not asked for yet. */
    public @Nullable WorkerEndpoint endpoint(int slot) {
        return slot < endpoints.length ? endpoints[slot] : null;
    }

    /** Closes the link to a worker that is gone; what is in flight on it fails. */
    public void close(WorkerEndpoint endpoint) {
        for (int slot = 0; slot < endpoints.length; slot++) {
            if (endpoints[slot] == endpoint) {
                drop(slot);
            }
        }
    }

    /**
     * Tunnels to this worker have until that time, as {@link Link#drainTunnels} says.
     *
     * @param deadline monotonic nanoseconds
     */
    public void drainTunnels(WorkerEndpoint endpoint, long deadline, boolean closes, Runnable ended) {
        for (int slot = 0; slot < endpoints.length; slot++) {
            Link link = links[slot];
            if (endpoints[slot] == endpoint && link != null) {
                link.drainTunnels(deadline, closes, ended);
                return;
            }
        }
        ended.run();
    }

    /** Has connections to this worker that are open now used for no further request. */
    public void renew(WorkerEndpoint endpoint) {
        for (int slot = 0; slot < endpoints.length; slot++) {
            Link link = links[slot];
            if (endpoints[slot] == endpoint && link != null) {
                link.renew();
            }
        }
    }

    /** Closes all. */
    public void closeAll() {
        for (int slot = 0; slot < endpoints.length; slot++) {
            drop(slot);
        }
    }

    private void drop(int slot) {
        Link link = links[slot];
        links[slot] = null;
        endpoints[slot] = null;
        if (link != null) {
            link.close();
        }
    }
}
