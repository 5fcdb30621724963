package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.log.AccessBuffer;
import terpan.log.AccessEntry;
import terpan.metrics.LoopGroupMetrics;

/** One loop's way into the access log; costs nothing when there is none. Belongs to the loop's thread. */
final class AccessRecord {
    private static final int NAMES_MOST = 4096;
    private static final byte[] NO_GROUP = {};

    private @Nullable AccessBuffer buffer;
    private final Map<String, byte[]> names = new HashMap<>();
    final AccessEntry entry = new AccessEntry();

    AccessRecord(Optional<AccessBuffer> buffer) {
        this.buffer = buffer.orElse(null);
    }

    /** Lines go there from now on. */
    void change(Optional<AccessBuffer> other) {
        buffer = other.orElse(null);
    }

    boolean wanted() {
        return buffer != null;
    }

    byte[] name(String worker) {
        if (names.size() > NAMES_MOST) {
            names.clear();
        }
        return names.computeIfAbsent(worker, name -> name.getBytes(US_ASCII));
    }

    /** The name of a worker's group, if there is a worker. */
    byte[] group(@Nullable LoopGroupMetrics group) {
        return group == null ? NO_GROUP : group.name();
    }

    void write() {
        if (buffer != null) {
            buffer.write(entry);
        }
    }
}
