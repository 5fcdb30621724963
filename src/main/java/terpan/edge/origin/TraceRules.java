package terpan.edge.origin;

import org.jspecify.annotations.Nullable;
import terpan.config.AccessRule;
import terpan.config.TraceSettings;

/** Which traces that begin here are told of, as settings have it. Immutable. */
public final class TraceRules {
    /** The bits of a trace's id that are random whoever made it (W3C Trace Context, level 2, section 3.2.2.3.2). */
    private static final long RANDOM = (1L << 56) - 1;

    /** A trace is told of whose random bits are below. */
    private final long below;

    private TraceRules(int share) {
        below = share == AccessRule.ALL ? RANDOM + 1 : (RANDOM + 1) / AccessRule.ALL * share;
    }

    /** Null: requests have no traces of ours. */
    public static @Nullable TraceRules of(TraceSettings settings) {
        return settings.collector().isEmpty() ? null : new TraceRules(settings.share());
    }

    /** Whether the trace is told of whose id has these bits last: for a share of all the same everywhere. */
    boolean samples(long low) {
        return (low & RANDOM) < below;
    }
}
