package terpan.daemon;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import terpan.edge.OpenRequests;
import terpan.picture.Connections;
import terpan.sampler.Activities;

/** Asks each event loop what its connections and their requests are at; a loop that does not say so soon is not waited for. */
final class OpenLook implements Supplier<Activities.Requests> {
    private static final Duration MOST = Duration.ofMillis(80);

    private final EachLoop each;

    OpenLook(EachLoop each) {
        this.each = each;
    }

    @Override
    public Activities.Requests get() {
        Queue<OpenRequests.Seen> told = new ConcurrentLinkedQueue<>();
        boolean complete = false;
        try {
            complete = each.did(edge -> told.add(edge.look()), MOST);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        List<OpenRequests.Seen> seen = List.copyOf(told);
        return new Activities.Requests(
                seen.stream().flatMap(one -> one.open().stream()).toList(),
                seen.stream().mapToInt(OpenRequests.Seen::unlisted).sum(),
                seen.stream().flatMap(one -> one.slow().stream()).toList(),
                seen.stream().flatMap(one -> one.failed().stream()).toList(),
                seen.stream().map(OpenRequests.Seen::connections).reduce(Connections.NONE, Connections::plus),
                complete);
    }
}
