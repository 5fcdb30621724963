package terpan.metrics;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the gauges show, taken once a scrape from the parts that know.
 *
 * @param spoolBytes bytes in spool files
 * @param bufferBound most bytes in buffers
 * @param connectionsBound most client connections
 * @param loopBufferBytes bytes held in the event loops' buffers
 * @param logLinesDropped lines lost by the log since the start
 * @param accessLinesDropped lines lost by the access log since the start
 * @param startedMillis start of the process, milliseconds since 1970
 */
public record Readings(
        int queueLength,
        int queueBound,
        int inFlight,
        int generation,
        long spoolBytes,
        long loopBufferBytes,
        long bufferBound,
        int connectionsBound,
        long logLinesDropped,
        long accessLinesDropped,
        long startedMillis,
        List<Worker> workers) {
    /**
     * One worker.
     *
     * @param settled requests settled since its slot was made
     * @param residentBytes resident memory of its process, where known
     */
    public record Worker(
            String name, String state, int inFlight, int window, long settled, OptionalLong residentBytes) {}
}
