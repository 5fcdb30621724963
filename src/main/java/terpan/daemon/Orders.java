package terpan.daemon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import terpan.admin.CommandResult;
import terpan.admin.OperationSnapshot;
import terpan.worker.Order;
import terpan.worker.StartException;

/** The last orders about workers, by their ids, for whoever asks how far they are. Thread-safe. */
final class Orders {
    private static final int KEPT = 512;

    private final Map<String, Supplier<Order.Progress>> last = new LinkedHashMap<>();
    private long count;

    /**
     * What a command says of an order that was given.
     *
     * @param order empty: the supervisor took none
     * @param message what is under way
     */
    CommandResult given(Optional<Order> order, String message) {
        return order.<CommandResult>map(taken -> new CommandResult.Accepted(message, keep(taken::progress)))
                .orElseGet(() -> new CommandResult.Refused("the supervisor of the workers takes no orders"));
    }

    /** The same of something whose progress is told by this, from any thread. */
    CommandResult.Accepted given(Supplier<Order.Progress> progress, String message) {
        return new CommandResult.Accepted(message, keep(progress));
    }

    /** Keeps one that was given to the Terpan before, by its id there. */
    synchronized void adopt(String id, Order.Progress progress) {
        count = Math.max(count, Long.parseLong(id));
        last.put(id, () -> progress);
    }

    /** The same of something that ends well, or with the failure of a start. */
    CommandResult given(CompletableFuture<Void> end, String message) {
        return new CommandResult.Accepted(message, keep(() -> progress(end, message)));
    }

    private static Order.Progress progress(CompletableFuture<Void> end, String message) {
        if (!end.isDone()) {
            return new Order.Progress(Order.State.RUNNING, List.of(message), "");
        }
        if (!end.isCompletedExceptionally()) {
            return new Order.Progress(Order.State.DONE, List.of(message), "");
        }
        Throwable why = end.exceptionNow();
        return new Order.Progress(
                Order.State.FAILED,
                List.of(message),
                why instanceof StartException failed ? failed.failure().message() : String.valueOf(why));
    }

    /** Several that one command gave: it is over when all are, and fails if one does. Refusals among them fail at once. */
    synchronized CommandResult together(List<CommandResult> results) {
        String message =
                String.join("\n", results.stream().map(CommandResult::message).toList());
        if (results.size() == 1) {
            return results.getFirst();
        }
        if (results.stream().noneMatch(CommandResult.Accepted.class::isInstance)) {
            return results.getFirst() instanceof CommandResult.Mistaken first
                    ? new CommandResult.Mistaken(message, first.kind())
                    : new CommandResult.Refused(message);
        }
        List<Supplier<Order.Progress>> parts = new ArrayList<>();
        for (CommandResult result : results) {
            if (!(result instanceof CommandResult.Accepted accepted)) {
                parts.add(() -> new Order.Progress(Order.State.FAILED, List.of(), result.message()));
            } else if (!accepted.operation().isEmpty()) {
                Supplier<Order.Progress> part = last.get(accepted.operation());
                if (part != null) {
                    parts.add(part);
                }
            }
        }
        return new CommandResult.Accepted(message, keep(new Together(parts)::progress));
    }

    /** Several orders as one, whose steps stand in the order in which they were seen. */
    private static final class Together {
        private final List<Supplier<Order.Progress>> parts;
        private final int[] seen;
        private final List<String> steps = new ArrayList<>();

        Together(List<Supplier<Order.Progress>> parts) {
            this.parts = List.copyOf(parts);
            this.seen = new int[parts.size()];
        }

        synchronized Order.Progress progress() {
            List<Order.Progress> all = parts.stream().map(Supplier::get).toList();
            for (int part = 0; part < seen.length; part++) {
                List<String> its = all.get(part).steps();
                steps.addAll(its.subList(Math.min(seen[part], its.size()), its.size()));
                seen[part] = its.size();
            }
            boolean running = all.stream().anyMatch(part -> part.state() == Order.State.RUNNING);
            boolean failed = all.stream().anyMatch(part -> part.state() == Order.State.FAILED);
            List<String> failures = all.stream()
                    .map(Order.Progress::failure)
                    .filter(text -> !text.isEmpty())
                    .toList();
            return new Order.Progress(
                    running ? Order.State.RUNNING : failed ? Order.State.FAILED : Order.State.DONE,
                    List.copyOf(steps),
                    running ? "" : String.join("\n", failures));
        }
    }

    /** Keeps an order, and gives it an id. */
    private synchronized String keep(Supplier<Order.Progress> order) {
        String id = Long.toString(++count);
        last.put(id, order);
        if (last.size() > KEPT) {
            last.remove(last.keySet().iterator().next());
        }
        return id;
    }

    synchronized Optional<OperationSnapshot> operation(String id) {
        return Optional.ofNullable(last.get(id))
                .map(Supplier::get)
                .map(progress -> new OperationSnapshot(
                        id, progress.state().name().toLowerCase(Locale.ROOT), progress.steps(), progress.failure()));
    }
}
