package terpan.link;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import terpan.config.Units;
import terpan.http.RequestHead;
import terpan.loop.Loop;
import terpan.loop.Timer;

/**
 * Requests of our own to one worker that takes no others yet, one after the other, by the link that users' requests will take: what an
 * application builds at its first request is built before a user waits for it. An answer of 500 or more ends it. No dispatcher, log or figure
 * knows of them. Belongs to the worker's home loop, which starts it.
 */
public final class Warming extends OwnCall {
    private static final int ERROR = 500;

    private final WorkerEndpoint worker;
    private final Consumer<Link> done;
    private final Loop loop;
    private final List<String> targets;
    private final Duration most;
    private final CompletableFuture<Optional<String>> result = new CompletableFuture<>();
    private final Origin origin = new Origin("127.0.0.1", "0", "http", "localhost", "80");
    private @Nullable Link link;
    private @Nullable Timer deadline;
    private RequestHead head = new RequestHead();
    private int next;
    private int status;

    private Warming(WorkerEndpoint worker, Consumer<Link> done, Loop loop, List<String> targets, Duration most) {
        this.worker = worker;
        this.done = done;
        this.loop = loop;
        this.targets = targets;
        this.most = most;
    }

    /**
     * Starts it.
     *
     * @param done takes the link that was opened for it, on the loop
     * @param targets each a path, or a host with a path behind it
     * @param most for all of them together
     * @return completed on the loop with what is wrong with an answer, or with nothing
     */
    public static CompletableFuture<Optional<String>> start(
            WorkerEndpoint worker, Consumer<Link> done, Loop loop, List<String> targets, Duration most) {
        Warming warming = new Warming(worker, done, loop, targets, most);
        loop.execute(warming::begin);
        return warming.result;
    }

    private void begin() {
        Timer late = loop.timer(this::late);
        late.set(loop.now() + most.toNanos());
        deadline = late;
        link = worker.open(loop);
        proceed();
    }

    private void proceed() {
        if (next == targets.size()) {
            end(Optional.empty());
            return;
        }
        String target = targets.get(next);
        int slash = target.indexOf('/');
        String host = slash == 0 ? "localhost" : target.substring(0, slash);
        RequestHead asked = get(target.substring(slash), host, "User-Agent: Terpan (warming)\r\nAccept: */*\r\n");
        if (asked == null) {
            end(Optional.of(target + " can not be asked for"));
            return;
        }
        head = asked;
        status = 0;
        linkState(null);
        link().forward(this);
    }

    private Link link() {
        if (link == null) {
            throw new IllegalStateException("the warming of " + worker.name() + " has not begun");
        }
        return link;
    }

    private void late() {
        if (link != null) {
            link.cancel(this, () -> {});
        }
        end(Optional.of("%s did not answer GET %s within %s, all requests that warm it taken together"
                .formatted(worker.name(), targets.get(next), Units.show(most))));
    }

    private void end(Optional<String> wrong) {
        if (deadline != null) {
            deadline.cancel();
        }
        if (link != null) {
            done.accept(link);
        }
        result.complete(wrong);
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public void answerStart(int answered, byte[] bytes, int reasonStart, int reasonEnd) {
        status = answered;
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {}

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        try {
            file.close();
        } catch (IOException unreadable) {
            // It was to be dropped anyway.
        }
    }

    @Override
    public void answerEnd(long service) {
        if (status >= ERROR) {
            end(Optional.of("%s answered GET %s with %d".formatted(worker.name(), targets.get(next), status)));
            return;
        }
        next++;
        loop.execute(this::proceed); // not within the link that has just ended this call
    }

    @Override
    public void failed(Failure failure, String detail) {
        end(Optional.of("%s failed at GET %s: %s".formatted(worker.name(), targets.get(next), detail)));
    }

    @Override
    public void returned() {
        end(Optional.of("%s gave GET %s back".formatted(worker.name(), targets.get(next))));
    }
}
