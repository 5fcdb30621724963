package terpan.dispatch;

/**
 * What workers that prove themselves did, beside what the others did in the same span.
 *
 * @param fresh of those that prove themselves
 * @param old of the others
 * @param failed whether the fresh ones failed more before, and so got nothing more: what the others do since then does not count
 */
public record ProofCounts(Tally fresh, Tally old, boolean failed) {
    /** Nothing that fewer requests tell is believed. */
    private static final int LEAST = 3;

    /** How many standard errors two shares have to be apart: more where one looks often, for a mistake stops a release. */
    private static final double OFTEN_APART = 4;

    private static final double ONCE_APART = 3;

    /** What fails more seldom than this is no reason where there is nothing to compare it with. */
    private static final double FAILS_ALONE = 0.05;

    private static final double SLOW_SHARE = 0.05;
    private static final double SLOWER = 2;
    private static final long SLOWER_BY = 10_000_000;

    /** Those of a proof that goes on. */
    public ProofCounts(Tally fresh, Tally old) {
        this(fresh, old, false);
    }

    /** Whether more of the fresh ones' requests fail, beyond chance; to be looked at as often as one likes. */
    public boolean failsMore() {
        return failed
                || fresh.failures() >= LEAST
                        && isMore(
                                fresh.failures(),
                                fresh.requests(),
                                old.failures(),
                                old.requests(),
                                OFTEN_APART,
                                FAILS_ALONE);
    }

    /**
     * Whether more than one in twenty of the fresh ones' requests takes longer than twice what nineteen of twenty of the others take, and 10 ms;
     * beyond chance. To be looked at in the end: the first requests of any version are slow.
     */
    public boolean isSlower() {
        long slow = (long) (old.p95() * SLOWER) + SLOWER_BY;
        long slowHere = fresh.over(slow);
        return old.begun() > 0
                && slowHere >= LEAST
                && slowHere > fresh.begun() * SLOW_SHARE
                && isMore(slowHere, fresh.begun(), old.over(slow), old.begun(), ONCE_APART, 1);
    }

    /** The test of two proportions, with their common share for the error. */
    private static boolean isMore(long here, long requests, long there, long others, double apart, double alone) {
        double share = (double) here / requests;
        if (others == 0) {
            return share > alone;
        }
        double common = (double) (here + there) / (requests + others);
        double error = Math.sqrt(common * (1 - common) * (1.0 / requests + 1.0 / others));
        return share - (double) there / others > apart * error;
    }
}
