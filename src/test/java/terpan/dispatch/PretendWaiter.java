package terpan.dispatch;

import java.util.ArrayList;
import java.util.List;

/** A waiter that writes down what it hears. */
public final class PretendWaiter implements Waiter {
    final List<Lease> leases = new ArrayList<>();
    final List<Admission.Rejected> refusals = new ArrayList<>();
    boolean bodyRepeatable = true;
    boolean mayAskAgain = true;
    int route;
    long stickyKey;
    Runnable whenGranted = () -> {};

    static PretendWaiter ofRoute(int route) {
        PretendWaiter waiter = new PretendWaiter();
        waiter.route = route;
        return waiter;
    }

    static PretendWaiter withBodyComing() {
        PretendWaiter waiter = new PretendWaiter();
        waiter.bodyRepeatable = false;
        return waiter;
    }

    Lease lease() {
        return leases.getLast();
    }

    @Override
    public void granted(Lease lease) {
        leases.add(lease);
        whenGranted.run();
    }

    @Override
    public void rejected(Admission.Rejected reason) {
        refusals.add(reason);
    }

    @Override
    public boolean bodyRepeatable() {
        return bodyRepeatable;
    }

    @Override
    public boolean mayAskAgain() {
        return mayAskAgain;
    }

    @Override
    public int route() {
        return route;
    }

    @Override
    public long stickyKey() {
        return stickyKey;
    }
}
