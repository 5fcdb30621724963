package terpan.dispatch;

import java.util.ArrayList;
import java.util.List;

/**
 * The open leases of one slot whose requests were given up: nobody waits for them, and the worker has not ended them. Each holds a
 * place for nothing. They are few, or the worker hangs. Guarded by the dispatcher's lock.
 */
final class GivenUp {
    /** @param since when it began to count, monotonic nanoseconds; may be still to come */
    private record Held(Lease lease, long since) {}

    private final List<Held> held = new ArrayList<>(0);

    boolean isEmpty() {
        return held.isEmpty();
    }

    void add(Lease lease, long since) {
        held.add(new Held(lease, since));
    }

    /** False when it was not given up. */
    boolean remove(Lease lease) {
        return held.removeIf(each -> each.lease == lease);
    }

    boolean has(Lease lease) {
        for (Held each : held) {
            if (each.lease == lease) {
                return true;
            }
        }
        return false;
    }

    /** How many were given up at least so long ago. */
    int before(long nanos, long now) {
        int count = 0;
        for (Held each : held) {
            count += now - each.since >= nanos ? 1 : 0;
        }
        return count;
    }

    /** How many of them were granted at that time or later, and given up by now. */
    int grantedFrom(long time, long now) {
        int count = 0;
        for (Held each : held) {
            count += each.lease.grantedAt - time >= 0 && now - each.since >= 0 ? 1 : 0;
        }
        return count;
    }
}
