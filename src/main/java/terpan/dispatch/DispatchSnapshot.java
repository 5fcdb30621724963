package terpan.dispatch;

import java.util.List;
import java.util.Map;

/**
 * The dispatcher at one moment.
 *
 * @param waiting requests in the wait queue
 * @param inFlight leases open
 * @param slots every slot that is not gone
 * @param queueMost most requests that may wait now
 * @param oldestWait how long the longest waiting request waits by now, but for pauses and what was before them, nanoseconds
 * @param counts what happened since the start
 */
public record DispatchSnapshot(
        int waiting, int inFlight, List<SlotSnapshot> slots, int queueMost, long oldestWait, Counts counts) {

    /** Without queue bound, waits and counts. */
    public DispatchSnapshot(int waiting, int inFlight, List<SlotSnapshot> slots) {
        this(waiting, inFlight, slots, 0, 0, new Counts(0, 0, 0, 0, 0, 0, Map.of(), Map.of()));
    }

    /** The same with these slots. */
    DispatchSnapshot with(List<SlotSnapshot> others) {
        return new DispatchSnapshot(waiting, inFlight, others, queueMost, oldestWait, counts);
    }

    /**
     * A slot at one moment.
     *
     * @param name the worker's name
     * @param group the name of its group of workers
     * @param state starting, ready or draining
     * @param capacity requests it truly works on at once
     * @param window requests it may hold
     * @param inFlight requests it holds
     * @param settled requests that ended here since it was added; not those that came back, or were never sent
     * @param service service time of an answer by a high quantile of the last ones, nanoseconds; 0 while unknown
     * @param lost places of the capacity that are held by requests that were given up and that the worker has not ended
     * @param busy for how long places of the capacity were held since it was added, of each place, nanoseconds
     */
    public record SlotSnapshot(
            String name,
            String group,
            String state,
            int capacity,
            int window,
            int inFlight,
            long settled,
            long service,
            int lost,
            long busy) {}

    /**
     * Counts since the start.
     *
     * @param granted leases given
     * @param queued requests that had to wait
     * @param abandoned requests whose client left while they waited
     * @param stuckBehind requests that were held up for more than 10 ms behind others in one worker and not given back
     * @param longestWait longest wait of a request that was granted, nanoseconds
     * @param waited how long all requests that were granted had waited, but for pauses and what was before them, nanoseconds
     * @param rejected refusals by reason; every reason has an entry
     * @param settled leases released by outcome; every outcome has an entry
     */
    public record Counts(
            long granted,
            long queued,
            long abandoned,
            long stuckBehind,
            long longestWait,
            long waited,
            Map<Admission.Rejected, Long> rejected,
            Map<Outcome, Long> settled) {}
}
