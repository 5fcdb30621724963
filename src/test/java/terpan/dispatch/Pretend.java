package terpan.dispatch;

/** Traffic that brings a dispatcher into a state that a test begins with. */
final class Pretend {
    static final long QUICK = 10_000;

    private Pretend() {}

    /** Sends quick requests, as many at once as there is room for, until the slot's window is as deep as it gets. */
    static long deepen(Dispatcher dispatcher, Slot slot, long from) {
        long now = from;
        for (int turn = 0; turn < 200 && slot.window.size() < slot.spec.windowMost(); turn++) {
            now = round(dispatcher, slot.window.size(), QUICK, now);
        }
        return now;
    }

    /** Admits some requests in one turn and answers them all in another, so much later a request. */
    static long round(Dispatcher dispatcher, int requests, long service, long now) {
        PretendWaiter[] waiters = new PretendWaiter[requests];
        for (int i = 0; i < requests; i++) {
            waiters[i] = new PretendWaiter();
            if (dispatcher.admit(waiters[i], now, now & 0xffffff) instanceof Lease lease) {
                waiters[i].leases.add(lease);
            } else {
                throw new AssertionError("no room for request " + i + " of " + requests);
            }
        }
        long then = now + requests * service;
        for (PretendWaiter waiter : waiters) {
            waiter.lease().settle(Outcome.ANSWERED, then);
        }
        return then;
    }
}
