package terpan.dispatch;

import java.util.Arrays;

/**
 * A slot as it was copied within the dispatcher's lock; what takes longer than copying is done outside it.
 *
 * @param services service times of the last batches of answers, in no order; belongs to this
 */
@SuppressWarnings("ArrayRecordComponent")
record SlotCopy(
        SlotSpec spec,
        Slot.State state,
        int capacity,
        int window,
        int inFlight,
        long settled,
        long[] services,
        int lost,
        long busy) {
    DispatchSnapshot.SlotSnapshot snapshot() {
        return new DispatchSnapshot.SlotSnapshot(
                spec.name(),
                spec.group().name(),
                state.label,
                capacity,
                window,
                inFlight,
                settled,
                service(),
                lost,
                busy);
    }

    /** The time that three quarters of the last batches keep, nanoseconds; 0 while nothing is known. */
    private long service() {
        if (services.length == 0) {
            return 0;
        }
        Arrays.sort(services);
        return services[(services.length - 1) * 3 / 4];
    }
}
