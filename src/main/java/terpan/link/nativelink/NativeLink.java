package terpan.link.nativelink;

import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Link;
import terpan.loop.Loop;

/**
 * The native link to one built-in worker, on the worker's home loop: requests of a turn leave in one frame, answers come many
 * in one read (docs/native-link.md). It connects with the first request and again after the worker has closed. Belongs to the
 * loop's thread; other loops reach it through a relay.
 */
public final class NativeLink implements Link {
    private final Loop loop;
    private final SocketAddress address;
    private final NativeSetup setup;
    private final Consumer<String> broken;
    private @Nullable NativeConnection connection;
    private boolean closed;

    /** In the place of a worker's process: no file that it names is opened, it sends the bytes itself. */
    public static final long NO_FILES = 0;

    /**
     * Makes a link that is not connected.
     *
     * @param address the worker's socket
     * @param pid the worker's process, whose files may be opened; {@link #NO_FILES}: none
     * @param files runs what waits for the disk
     * @param seed a random number that clients can not know
     * @param broken hears on the loop that the worker broke the agreed form, and how; the connection is closed already
     */
    public NativeLink(Loop loop, SocketAddress address, long pid, Executor files, long seed, Consumer<String> broken) {
        this.loop = loop;
        this.address = address;
        this.setup = new NativeSetup(loop, pid, files, seed);
        this.broken = broken;
    }

    /** The loop that owns this link. */
    Loop loop() {
        return loop;
    }

    @Override
    public void forward(Call call) {
        if (closed) {
            failLater(call, "the link to " + address + " is closed");
            return;
        }
        NativeConnection current = connection;
        if (current == null) {
            current = new NativeConnection(setup, this);
            connection = current;
            String problem = current.connect(address);
            if (!problem.isEmpty()) {
                connection = null;
                failLater(call, problem);
                return;
            }
        }
        if (!current.forward(call)) {
            failLater(call, NativeCalls.MOST + " requests are open on the link to " + address);
        }
    }

    @Override
    public void bodyReady(Call call) {
        if (connection != null && call.linkState() instanceof NativeCall entry && connection.holds(entry)) {
            connection.bodyReady(entry);
        }
    }

    @Override
    public void resume(Call call) {
        if (connection != null && call.linkState() instanceof NativeCall entry && connection.holds(entry)) {
            connection.resume(entry, call);
        }
    }

    @Override
    public void cancel(Call call, Runnable ended) {
        Object state = call.linkState();
        call.linkState(null);
        if (state instanceof NativeCall entry) {
            entry.call = null;
            if (connection != null && connection.holds(entry)) {
                connection.cancel(entry, ended);
                return;
            }
        }
        ended.run();
    }

    @Override
    public void close() {
        closed = true;
        if (connection != null) {
            connection.end(Failure.CLOSED_BEFORE_ANSWER, "the link to " + address + " was closed");
        }
    }

    /** A connection of this link is over; its calls have yet to hear of it. */
    void over(NativeConnection ended) {
        if (connection == ended) {
            connection = null;
        }
    }

    /** The worker broke the agreed form; its connection is over. */
    void broke(String how) {
        broken.accept(how);
    }

    /** The call hears of the failure once its caller has returned, unless it was cancelled. */
    private void failLater(Call call, String detail) {
        Object token = new Object();
        call.linkState(token);
        loop.execute(() -> {
            if (token.equals(call.linkState())) {
                call.linkState(null);
                call.failed(Failure.NOT_CONNECTED, detail);
            }
        });
    }
}
