import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What one step of the load counts: its warm-up is left out. Guarded by the lock of its load, but for the lateness, which is of
 * the thread that sends. Times are microseconds.
 */
final class Step {
    private static final long LONGEST_MICROSECONDS = 120_000_000;
    private static final double SECOND = 1e9;

    private final Histogram all = new Histogram(LONGEST_MICROSECONDS, 3);
    private final Histogram first = new Histogram(LONGEST_MICROSECONDS, 3);
    private final Histogram lateness = new Histogram(LONGEST_MICROSECONDS, 3);
    private int outstanding;
    private long answered;
    private long errors;
    private long lastAnswer;
    private String lastError = "";
    long opened;
    long resent;

    Step(int requests) {
        this.outstanding = requests;
    }

    boolean done() {
        return outstanding == 0;
    }

    void sent(long nanosecondsLate) {
        lateness.recordValue(bounded(nanosecondsLate));
    }

    /** The end of a request, a good one when there is no error. */
    void settled(Request request, String error) {
        outstanding--;
        if (!request.counted()) return;
        long now = System.nanoTime();
        long microseconds = bounded(now - request.due());
        all.recordValue(microseconds);
        if (request.first()) first.recordValue(microseconds);
        if (error.isEmpty()) {
            answered++;
            lastAnswer = now;
        } else {
            errors++;
            lastError = error;
        }
    }

    private static long bounded(long nanoseconds) {
        return Math.min(LONGEST_MICROSECONDS, Math.max(0, nanoseconds / 1_000));
    }

    /** A line of JSON; `achieved` is answers a second from the first that counts to the last, `generator` processors in use. */
    String json(int due, long countsFrom, double seconds, double processors) {
        double taken = Math.max(seconds, (lastAnswer - countsFrom) / SECOND);
        return String.format(
                Locale.ROOT,
                "{\"requests\": %d, \"errors\": %d, \"connections\": %d, \"resent\": %d, \"achieved\": %.1f, \"p50\": %d,"
                        + " \"p90\": %d, \"p99\": %d, \"p999\": %d, \"most\": %d, \"instant_p50\": %d, \"instant_p99\": %d,"
                        + " \"late_p99\": %d, \"generator\": %.3f, \"last_error\": \"%s\"}",
                due,
                errors,
                opened,
                resent,
                answered / taken,
                all.getValueAtPercentile(50),
                all.getValueAtPercentile(90),
                all.getValueAtPercentile(99),
                all.getValueAtPercentile(99.9),
                all.getMaxValue(),
                first.getValueAtPercentile(50),
                first.getValueAtPercentile(99),
                lateness.getValueAtPercentile(99),
                processors,
                lastError.replaceAll("[^ -!#-\\[\\]-~]", "?"));
    }
}
