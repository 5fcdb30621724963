package terpan.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The pause before a select that lets more events gather, so that fewer turns and wake-ups serve as many requests. Taken only when
 * the last turn was small, and when it keeps no worker waiting: when much is in flight with quick workers, or when others have
 * many requests each, no longer than a quarter of those takes to be answered. A worker that has few gets its next one at once: it
 * may miss it. How long a pause really takes depends on the kernel's timer slack, so it is
 * measured on the loop's own thread the first time it is wanted; one that is too short for that is not taken. Owned by its
 * loop's thread.
 */
final class Coalescing {
    private static final int EVENTS_FEWER_THAN = 16;
    private static final int QUICK_LEAST = 16;
    private static final long QUICK_NANOS = 60_000;
    private static final long TOO_LONG_NANOS = 100_000;
    private static final int DEEP_SHARE = 4;
    private static final long MOST_NANOS = 2_000_000;
    private static final int ANSWERS_LEAST = 2;

    /** Requests that take longer than this in the mean wait for something else than their turn: a quick one would overtake them. */
    private static final double MEAN_MOST_NANOS = 20_000_000;

    private static final long RATE_NANOS = 8_000_000;
    private static final int ROUNDS = 15;

    private int deep;
    private int quick;
    private int answered;
    private long rateSince;
    private double answersPerNano;
    private boolean calibrated;
    private long overhead;

    /** One more or one less is with a worker, as {@link Loop#inFlight} has it. */
    void inFlight(int change, boolean withQuick, boolean withDeep) {
        deep += withDeep ? change : 0;
        quick += withQuick ? change : 0;
        answered += change < 0 ? 1 : 0;
    }

    /** Pauses where it pays. */
    void pause(int eventsOfLastTurn, long now) {
        long wanted = wanted(eventsOfLastTurn, now);
        if (wanted == 0) {
            return;
        }
        if (!calibrated) {
            calibrate();
        }
        if (overhead <= TOO_LONG_NANOS && (wanted > overhead || wanted == QUICK_NANOS)) {
            LockSupport.parkNanos(Math.max(1, wanted - overhead));
        }
    }

    /** How long a pause would be good, nanoseconds; 0: none. */
    long wanted(int eventsOfLastTurn, long now) {
        measureRate(now);
        if (eventsOfLastTurn >= EVENTS_FEWER_THAN) {
            return 0;
        }
        return quick >= QUICK_LEAST ? QUICK_NANOS : untilSomeAreAnswered();
    }

    private void measureRate(long now) {
        long passed = now - rateSince;
        if (passed >= RATE_NANOS) {
            answersPerNano = (answersPerNano + (double) answered / passed) / 2;
            answered = 0;
            rateSince = now;
        }
    }

    /** The time in which a quarter of what is with deep workers is answered, bounded; 0 when that is next to nothing or they only wait. */
    private long untilSomeAreAnswered() {
        if (deep > answersPerNano * MEAN_MOST_NANOS) {
            return 0;
        }
        double answers = Math.min((double) deep / DEEP_SHARE, answersPerNano * MOST_NANOS);
        return answers < ANSWERS_LEAST ? 0 : (long) (answers / answersPerNano);
    }

    private void calibrate() {
        calibrated = true;
        shortenTimerSlack();
        overhead = measure(1);
    }

    private static long measure(long nanos) {
        long[] taken = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begun = System.nanoTime();
            LockSupport.parkNanos(nanos);
            taken[round] = System.nanoTime() - begun;
        }
        Arrays.sort(taken);
        return taken[ROUNDS / 2];
    }

    /** Linux lets a thread shorten its own timer slack; elsewhere the pause is measured as it is. */
    private static void shortenTimerSlack() {
        try {
            Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
            Files.writeString(Path.of("/proc/" + self.getFileName() + "/timerslack_ns"), "1");
        } catch (IOException | UnsupportedOperationException notOffered) {
            return;
        }
    }
}
