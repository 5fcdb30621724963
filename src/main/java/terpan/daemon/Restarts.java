package terpan.daemon;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import terpan.admin.OperationSnapshot;
import terpan.worker.Restart;

/** The last orders to replace workers, by their ids, for whoever asks how far they are. Thread-safe. */
final class Restarts {
    private static final int KEPT = 32;

    private final Map<String, Restart> last = new LinkedHashMap<>();
    private long count;

    /** Keeps an order, and gives it an id. */
    synchronized String keep(Restart order) {
        String id = Long.toString(++count);
        last.put(id, order);
        if (last.size() > KEPT) {
            last.remove(last.keySet().iterator().next());
        }
        return id;
    }

    synchronized Optional<OperationSnapshot> operation(String id) {
        return Optional.ofNullable(last.get(id))
                .map(Restart::progress)
                .map(progress -> new OperationSnapshot(
                        id, progress.state().name().toLowerCase(Locale.ROOT), progress.steps(), progress.failure()));
    }
}
