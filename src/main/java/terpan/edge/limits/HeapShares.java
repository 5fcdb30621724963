package terpan.edge.limits;

/**
 * What clients may have of the heap, so that it does not run out whatever they do: beyond what Terpan itself needs, a half is for buffers and a
 * quarter for connections. The last quarter is for the small buffers that each connection has even where all others are taken, for what requests
 * need beside, and for the collector.
 *
 * @param buffers most bytes in buffers
 * @param connections most connections of clients
 * @param spares most bytes in buffers that nobody uses, and that are kept for the next
 */
public record HeapShares(long buffers, int connections, long spares) {
    private static final long MIB = 1 << 20;

    /** What is there before the first client comes is 4 to 5 MiB; buffers that nobody uses, and what waits for the logs, come to it. */
    private static final long OWN = 8 * MIB;

    private static final int BUFFERS_PART = 2;
    private static final int CONNECTIONS_PART = 4;
    private static final int SPARES_PART = 16;

    /** What an idle connection was found to hold that has had a request: 3.7 KB of objects; its buffers are given back. */
    private static final long CONNECTION = 4 * 1024;

    /** Of the heap that this process may have. */
    public static HeapShares ofThisProcess() {
        return of(Runtime.getRuntime().maxMemory());
    }

    /**
     * Shares out.
     *
     * @param heap its most, bytes
     */
    public static HeapShares of(long heap) {
        long rest = Math.max(heap / 2, heap - OWN);
        return new HeapShares(
                rest / BUFFERS_PART,
                (int) Math.min(Integer.MAX_VALUE, rest / CONNECTIONS_PART / CONNECTION),
                heap / SPARES_PART);
    }
}
