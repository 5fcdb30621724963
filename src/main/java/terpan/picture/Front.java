package terpan.picture;

import java.util.List;

/**
 * What Terpan's own process takes, without workers; 0 where it is not known. Immutable.
 *
 * @param processorSeconds processor time since its start
 * @param residentBytes resident memory
 * @param files open descriptors
 * @param filesMost the limit of them
 * @param heapBytes used of Java's heap, with what nobody needs any more
 * @param heapMost most that Java takes for it
 * @param loops each event loop
 */
public record Front(
        double processorSeconds,
        long residentBytes,
        long files,
        long filesMost,
        long heapBytes,
        long heapMost,
        List<Loop> loops) {
    /** Nothing is known. */
    public static final Front NONE = new Front(0, 0, 0, 0, 0, 0, List.of());

    /**
     * An event loop.
     *
     * @param index its number, from 0
     * @param workedSeconds processor time of its thread since the start
     * @param waitedSeconds how long that waited for a processor since the start
     * @param busy the share of a processor that it took in the last seconds, 0 to 1
     * @param wanted the same with the share of the time that it waited for one, 0 to 1
     * @param lagSeconds the longest that a task waited for its turn, of one a second in the last seconds
     */
    public record Loop(
            int index, double workedSeconds, double waitedSeconds, double busy, double wanted, double lagSeconds) {}
}
