package terpan.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a certificate is renewed, and how long it is waited after a failure. Pure: randomness, from 0 to less than 1, comes in. */
final class RenewalTimes {
    /** Authorities count failures of a name by the hour: Let's Encrypt takes five, and so many there are in the first. */
    static final Duration FIRST = Duration.ofMinutes(3);

    static final Duration MOST = Duration.ofHours(6);
    private static final Duration LEAST = Duration.ofSeconds(1);

    /** An authority that asks for more is asked all the same after so long. */
    static final Duration ASKED_MOST = Duration.ofDays(7);

    private static final int THIRD = 3;

    /** Renewals of what was issued together are spread over so small a part of the life. */
    private static final int JITTER_PART = 20;

    /** Before a certificate expires there is time for many tries. */
    private static final int TRY_PART = 30;

    private static final double LEAST_PAUSE = 0.9;
    private static final double PAUSE_JITTER = 0.2;

    private RenewalTimes() {}

    /** When a third of a certificate's life is left, or up to a twentieth of it before that. */
    static Instant renewal(Instant from, Instant until, double random) {
        Duration life = Duration.between(from, until);
        return until.minus(life.dividedBy(THIRD)).minus(part(life.dividedBy(JITTER_PART), random));
    }

    /**
     * The pause behind so many failures in a row: three minutes, then always twice as long up to six hours, a tenth more or less; no more than a
     * thirtieth of the life of the certificate that is to be renewed.
     */
    static Duration pause(int failures, Optional<Duration> life, double random) {
        Duration most = life.map(whole -> whole.dividedBy(TRY_PART))
                .filter(bound -> bound.compareTo(MOST) < 0)
                .orElse(MOST);
        int doubled = Math.min(failures - 1, Long.SIZE / 4);
        Duration wanted = FIRST.multipliedBy(1L << doubled);
        Duration bounded = wanted.compareTo(most) < 0 ? wanted : most;
        Duration spread = part(bounded, LEAST_PAUSE + PAUSE_JITTER * random);
        return spread.compareTo(LEAST) < 0 ? LEAST : spread;
    }

    /** When it is tried again: behind the pause, and not before the authority wants to be asked. */
    static Instant next(Instant now, Duration pause, Optional<Instant> notBefore) {
        Instant next = now.plus(pause);
        Instant latest = now.plus(ASKED_MOST);
        return notBefore
                .map(asked -> asked.isAfter(latest) ? latest : asked)
                .filter(asked -> asked.isAfter(next))
                .orElse(next);
    }

    private static Duration part(Duration whole, double share) {
        return Duration.ofMillis((long) (whole.toMillis() * share));
    }
}
