package terpan.dispatch;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Counts of a dispatcher since its start. Guarded by the dispatcher's lock. */
final class DispatchCounters {
    long granted;
    long queued;
    long abandoned;
    long stuckBehind;
    long longestWait;
    long waited;
    private final Map<Admission.Rejected, Count> rejected = new EnumMap<>(Admission.Rejected.class);
    private final Map<Outcome, Count> settled = new EnumMap<>(Outcome.class);

    DispatchCounters() {
        for (Admission.Rejected reason : Admission.Rejected.values()) {
            rejected.put(reason, new Count());
        }
        for (Outcome outcome : Outcome.values()) {
            settled.put(outcome, new Count());
        }
    }

    void rejected(Admission.Rejected reason) {
        Objects.requireNonNull(rejected.get(reason)).value++;
    }

    void settled(Outcome outcome) {
        Objects.requireNonNull(settled.get(outcome)).value++;
    }

    DispatchSnapshot.Counts copy() {
        Map<Admission.Rejected, Long> byReason = new EnumMap<>(Admission.Rejected.class);
        rejected.forEach((reason, count) -> byReason.put(reason, count.value));
        Map<Outcome, Long> byOutcome = new EnumMap<>(Outcome.class);
        settled.forEach((outcome, count) -> byOutcome.put(outcome, count.value));
        return new DispatchSnapshot.Counts(
                granted,
                queued,
                abandoned,
                stuckBehind,
                longestWait,
                waited,
                Collections.unmodifiableMap(byReason),
                Collections.unmodifiableMap(byOutcome));
    }

    private static final class Count {
        long value;
    }
}
