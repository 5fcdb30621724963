package terpan.metrics;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the gauges show, taken once a scrape from the parts that know.
 *
 * @param spoolBytes bytes in spool files
 * @param spoolWaiting answers that wait for room in them
 * @param bufferBound most bytes in buffers
 * @param connectionsBound most client connections
 * @param stuck requests that were held up inside a worker since the start
 * @param loopBufferBytes bytes held in the event loops' buffers
 * @param logLinesDropped lines lost by the log since the start
 * @param accessLinesDropped lines lost by the access log since the start
 * @param startedMillis start of the process, milliseconds since 1970
 */
public record Readings(
        int queueLength,
        int queueBound,
        int inFlight,
        long stuck,
        int generation,
        long spoolBytes,
        int spoolWaiting,
        long loopBufferBytes,
        long bufferBound,
        int connectionsBound,
        long logLinesDropped,
        long accessLinesDropped,
        long startedMillis,
        List<Group> groups,
        List<Worker> workers,
        List<Slot> slots) {
    /** A group of workers. */
    public record Group(String name, String server, int weight) {}

    /**
     * One worker process, ours or attached.
     *
     * @param residentBytes resident memory of its process, where known
     */
    public record Worker(String group, String name, String state, OptionalLong residentBytes) {}

    /**
     * One slot: a worker, or all that share a socket, under their group's name.
     *
     * @param lost places that are held by requests that were given up
     * @param settled requests settled since it was made
     */
    public record Slot(String group, String name, int inFlight, int lost, int window, long settled) {
        /** Both of a worker's slots, while one process takes the place of another. */
        public Slot and(Slot other) {
            return new Slot(
                    group,
                    name,
                    inFlight + other.inFlight,
                    lost + other.lost,
                    window + other.window,
                    settled + other.settled);
        }
    }
}
