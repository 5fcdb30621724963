package terpan.attached;

import java.time.Instant;
import java.util.Optional;

/**
 * A worker that someone else runs, at one moment.
 *
 * @param reason why it is in this state
 * @param since when it came into this state
 * @param nextProbe when it is looked at again; empty: it is looked at now, or not before a request fails
 */
public record AttachedSnapshot(
        String name, String group, AttachedState state, String reason, Instant since, Optional<Instant> nextProbe) {}
