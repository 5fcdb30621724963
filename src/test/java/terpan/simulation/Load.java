package terpan.simulation;

import java.util.Random;

/** Clients that do not wait for answers: requests at random moments, so many a second on average. */
final class Load {
    private final VirtualTime time;
    private final Front front;
    private final Results results;
    private final Random random;
    private final int slowPercent;
    private final long quick;
    private final long slow;
    private boolean sameRoute;
    private int clients;

    /**
     * Makes a load.
     *
     * @param quick how long the handler of a quick request takes
     * @param slow how long that of a slow one takes
     */
    Load(VirtualTime time, Front front, Results results, long seed, int slowPercent, long quick, long slow) {
        this.time = time;
        this.front = front;
        this.results = results;
        this.random = new Random(seed);
        this.slowPercent = slowPercent;
        this.quick = quick;
        this.slow = slow;
    }

    /** Slow requests can not be told from quick ones by their route. */
    Load onOneRoute() {
        sameRoute = true;
        return this;
    }

    /** Each is of one of so many clients. */
    Load of(int someClients) {
        clients = someClients;
        return this;
    }

    /** Sends requests until a moment. */
    void poisson(int perSecond, long until) {
        long pause = (long) (-StrictMath.log(1 - random.nextDouble()) * VirtualTime.SECOND / perSecond);
        if (time.now() + pause < until) {
            time.after(pause, () -> {
                one();
                poisson(perSecond, until);
            });
        }
    }

    /** Sends many requests in one moment. */
    void burst(int requests) {
        for (int i = 0; i < requests; i++) {
            one();
        }
    }

    private void one() {
        boolean isSlow = random.nextInt(100) < slowPercent;
        int route = isSlow && !sameRoute ? 2 : 1;
        long client = clients == 0 ? 0 : 1 + random.nextInt(clients);
        front.arrive(new Request(time.now(), isSlow ? slow : quick, isSlow, route, results, client));
    }
}
