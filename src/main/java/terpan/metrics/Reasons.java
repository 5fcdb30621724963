package terpan.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Why requests fail, in one row: refused by the dispatcher, not answered in time, failed by a worker, refused by the edge, failed by the application. */
public final class Reasons {
    /** All of them, by their labels. */
    public static final List<String> ALL = Stream.of(
                    Metrics.REJECTIONS.stream(),
                    Stream.of("no-answer"),
                    Metrics.FAILURES.stream(),
                    Arrays.stream(ClientRefusal.values()).map(ClientRefusal::label),
                    Stream.of("application"))
            .flatMap(labels -> labels)
            .toList();

    private static final int NO_ANSWER = Metrics.REJECTIONS.size();
    private static final int FAILURES = NO_ANSWER + 1;
    private static final int REFUSALS = FAILURES + Metrics.FAILURES.size();

    private Reasons() {}

    /** Adds what is counted of each but the last. */
    static void add(Metrics metrics, long[] counts) {
        for (LoopMetrics loop : metrics.loops()) {
            for (int i = 0; i < NO_ANSWER; i++) {
                counts[i] += loop.rejections.get(i);
            }
            counts[NO_ANSWER] += loop.plain.get(LoopMetrics.TIMED_OUT);
            for (ClientRefusal refusal : ClientRefusal.values()) {
                counts[REFUSALS + LoopMetrics.index(refusal)] += loop.refusals.get(LoopMetrics.index(refusal));
            }
        }
        for (GroupMetrics group : metrics.groups()) {
            for (int i = 0; i < Metrics.FAILURES.size(); i++) {
                counts[FAILURES + i] += group.failed(i);
            }
        }
    }

    /** How many of these failed for a reason that is answered with so high a status or a higher one. */
    static long withStatus(int least, long[] counts) {
        long sum = 0;
        for (int i = 0; i < REFUSALS; i++) {
            sum += counts[i];
        }
        for (ClientRefusal refusal : ClientRefusal.values()) {
            sum += refusal.status() >= least ? counts[REFUSALS + LoopMetrics.index(refusal)] : 0;
        }
        return sum;
    }
}
