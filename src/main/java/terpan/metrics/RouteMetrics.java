package terpan.metrics;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop counts of each route of an application: a table by hash, bounded; what comes once it is full counts together. Written by
 * that loop's thread alone, without locks, and without allocation but for a route's first request; read by anybody.
 */
public final class RouteMetrics {
    /** Routes that are told apart. */
    static final int MOST = 200;

    /** The name of those that are not. */
    static final String OTHER = "other";

    private static final int PLACES = 512;

    private final int[] hashes = new int[PLACES];
    private final @Nullable RouteCells[] cells = new RouteCells[PLACES];
    private final RouteCells other = new RouteCells(OTHER);

    /** Those that there are, for readers; a new list with each. */
    private volatile List<RouteCells> all = List.of(other);

    RouteMetrics() {}

    /** Those of the route with this hash; null: it has no name yet. By the owning thread only. */
    public @Nullable RouteCells find(int hash) {
        int at = place(hash);
        RouteCells found = cells[at];
        while (found != null && hashes[at] != hash) {
            at = (at + 1) % PLACES;
            found = cells[at];
        }
        return found == null && all.size() > MOST ? other : found;
    }

    /** A route that {@link #find} does not find has this name. By the owning thread only. */
    public RouteCells add(int hash, String name) {
        int at = place(hash);
        while (cells[at] != null) {
            at = (at + 1) % PLACES;
        }
        RouteCells added = new RouteCells(name);
        hashes[at] = hash;
        cells[at] = added;
        all = Stream.concat(all.stream(), Stream.of(added)).toList();
        return added;
    }

    /** Each that there is, and what counts together. */
    List<RouteCells> all() {
        return all;
    }

    private static int place(int hash) {
        return (hash * 0x9E3779B9) >>> (Integer.SIZE - 9);
    }
}
