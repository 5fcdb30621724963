package terpan.daemon;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import terpan.admin.CommandResult;
import terpan.admin.OperationSnapshot;
import terpan.worker.Order;

/** The last orders about workers, by their ids, for whoever asks how far they are. Thread-safe. */
final class Orders {
    private static final int KEPT = 32;

    private final Map<String, Order> last = new LinkedHashMap<>();
    private long count;

    /**
     * What a command says of an order that was given.
     *
     * @param order empty: the supervisor took none
     * @param message what is under way
     */
    CommandResult given(Optional<Order> order, String message) {
        return order.<CommandResult>map(taken -> new CommandResult.Accepted(message, keep(taken)))
                .orElseGet(() -> new CommandResult.Refused("the supervisor of the workers takes no orders"));
    }

    /** Keeps an order, and gives it an id. */
    private synchronized String keep(Order order) {
        String id = Long.toString(++count);
        last.put(id, order);
        if (last.size() > KEPT) {
            last.remove(last.keySet().iterator().next());
        }
        return id;
    }

    synchronized Optional<OperationSnapshot> operation(String id) {
        return Optional.ofNullable(last.get(id))
                .map(Order::progress)
                .map(progress -> new OperationSnapshot(
                        id, progress.state().name().toLowerCase(Locale.ROOT), progress.steps(), progress.failure()));
    }
}
