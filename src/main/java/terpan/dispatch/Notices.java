package terpan.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be told after the critical section, taken out of it in one piece: grants as a chain of leases, the rest, which is
 * rare, as a list. Belongs to the thread that took it.
 */
final class Notices {
    private static final List<Runnable> NONE = List.of();

    private @Nullable Lease firstGrant;
    private @Nullable Lease lastGrant;
    private List<Runnable> others = NONE;

    void granted(Lease lease) {
        if (lastGrant == null) {
            firstGrant = lease;
        } else {
            lastGrant.nextGrant = lease;
        }
        lastGrant = lease;
    }

    void rejected(Waiter waiter, Admission.Rejected reason) {
        other(() -> waiter.rejected(reason));
    }

    void other(Runnable notice) {
        if (others.isEmpty()) {
            others = new ArrayList<>();
        }
        others.add(notice);
    }

    /** The grants collected so far, which are then no longer here. */
    @Nullable
    Lease takeGrants() {
        Lease grants = firstGrant;
        firstGrant = null;
        lastGrant = null;
        return grants;
    }

    /** The other notices collected so far, which are then no longer here. */
    List<Runnable> takeOthers() {
        List<Runnable> taken = others;
        others = NONE;
        return taken;
    }

    /** Tells each of them, whatever the others do; the first failure is thrown when all were told. */
    static void tell(@Nullable Lease grants, List<Runnable> others) {
        RuntimeException failure = null;
        for (Lease lease = grants; lease != null; ) {
            Lease next = lease.nextGrant;
            Waiter waiter = lease.waiter;
            lease.nextGrant = null;
            lease.waiter = null;
            try {
                if (waiter != null) {
                    waiter.granted(lease);
                }
            } catch (RuntimeException problem) {
                failure = joined(failure, problem);
            }
            lease = next;
        }
        for (Runnable other : others) {
            try {
                other.run();
            } catch (RuntimeException problem) {
                failure = joined(failure, problem);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException joined(@Nullable RuntimeException first, RuntimeException next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }
}
