package terpan.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The pause before a select that lets more events gather: taken only when the last turn was small and much is in flight with
 * quick workers. How long a pause really takes depends on the kernel's timer slack, so it is measured on the loop's own thread
 * the first time it is wanted; where even the shortest is too long there is none. Owned by its loop's thread.
 */
final class Coalescing {
    private static final int EVENTS_FEWER_THAN = 16;
    private static final int IN_FLIGHT_LEAST = 16;
    private static final long WANTED_NANOS = 60_000;
    private static final long TOO_LONG_NANOS = 100_000;
    private static final int ROUNDS = 15;

    private boolean calibrated;
    private long ask;

    /** Pauses where it pays. */
    void pause(int eventsOfLastTurn, int quickInFlight) {
        if (eventsOfLastTurn >= EVENTS_FEWER_THAN || quickInFlight < IN_FLIGHT_LEAST) {
            return;
        }
        if (!calibrated) {
            calibrate();
        }
        if (ask > 0) {
            LockSupport.parkNanos(ask);
        }
    }

    private void calibrate() {
        calibrated = true;
        shortenTimerSlack();
        long overhead = measure(1);
        if (overhead > TOO_LONG_NANOS) {
            ask = 0;
            return;
        }
        ask = Math.max(1, WANTED_NANOS - overhead);
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
