package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import terpan.log.AccessBuffer;
import terpan.log.AccessEntry;

/** One loop's way into the access log; costs nothing when there is none. Belongs to the loop's thread. */
final class AccessRecord {
    private static final int NAMES_MOST = 4096;
    private static final byte[] NO_GROUP = {};

    private final @Nullable AccessBuffer buffer;
    private final Map<String, byte[]> names = new HashMap<>();
    final AccessEntry entry = new AccessEntry();

    private final byte[][] groups;

    AccessRecord(Optional<AccessBuffer> buffer, List<String> groups) {
        this.buffer = buffer.orElse(null);
        this.groups = groups.stream().map(name -> name.getBytes(US_ASCII)).toArray(byte[][]::new);
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

    /** The name of the group of this number, if there is a worker. */
    byte[] group(String worker, int group) {
        return worker.isEmpty() ? NO_GROUP : groups[group];
    }

    void write() {
        if (buffer != null) {
            buffer.write(entry);
        }
    }
}
