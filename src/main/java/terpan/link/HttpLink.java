package terpan.link;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.http.ResponseParser;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Timer;

/**
 * HTTP/1.1 to one worker of a foreign server: one request at a time on a connection, connections kept below the server's own
 * idle time, opened only with a request at hand. How many there are follows from the leases granted. Owned by its loop's thread.
 */
public final class HttpLink implements Link {
    private static final int CONNECT_TRIES = 3;
    private static final long CONNECT_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    final Loop loop;
    final LinkLimits limits;
    final ResponseParser parser = new ResponseParser();
    final HttpRequestWriter writer;
    private final SocketAddress address;
    private final ArrayDeque<HttpConnection> idle = new ArrayDeque<>();
    private final Set<HttpConnection> open = new HashSet<>();
    private final BufferPool buffers = new BufferPool();
    private final Timer sweep;
    private boolean closed;

    public HttpLink(Loop loop, SocketAddress address, LinkLimits limits) {
        this.loop = loop;
        this.address = address;
        this.limits = limits;
        this.writer = new HttpRequestWriter(limits);
        this.sweep = loop.timer(this::closeIdle);
    }

    @Override
    public void forward(Call call) {
        if (closed) {
            call.failed(Failure.NOT_CONNECTED, "the worker is gone");
            return;
        }
        HttpConnection kept = takeIdle();
        if (kept != null) {
            kept.begin(call);
        } else {
            connect(call, CONNECT_TRIES);
        }
    }

    /** A full accept queue is told at once, so a new try is made a little later. */
    private void connect(Call call, int tries) {
        HttpConnection connection = new HttpConnection(this);
        try {
            connection.wire(loop.connect(address, connection));
        } catch (IOException refused) {
            if (tries > 1 && acceptQueueFull(refused)) {
                Retry retry = new Retry(call, tries - 1);
                call.linkState(retry);
                retry.timer.set(loop.now() + CONNECT_PAUSE);
            } else {
                call.linkState(null);
                call.failed(Failure.NOT_CONNECTED, String.valueOf(refused.getMessage()));
            }
            return;
        }
        open.add(connection);
        connection.begin(call);
    }

    /** The system has no type for it; the text is that of EAGAIN. */
    private static boolean acceptQueueFull(IOException refused) {
        return String.valueOf(refused.getMessage()).contains("temporarily unavailable");
    }

    private @Nullable HttpConnection takeIdle() {
        HttpConnection connection = idle.pollLast();
        while (connection != null
                && loop.now() - connection.idleSince() > limits.keepIdle().toNanos()) {
            connection.close();
            connection = idle.pollLast();
        }
        return connection;
    }

    /** The connection can carry another request. */
    void released(HttpConnection connection) {
        if (closed || limits.keepIdle().isZero()) {
            connection.close();
            return;
        }
        idle.addLast(connection);
        if (!sweep.isSet()) {
            sweep.set(loop.now() + limits.keepIdle().toNanos());
        }
    }

    void gone(HttpConnection connection) {
        open.remove(connection);
        idle.remove(connection);
    }

    private void closeIdle() {
        while (!idle.isEmpty()
                && loop.now() - idle.getFirst().idleSince() >= limits.keepIdle().toNanos()) {
            idle.removeFirst().close();
        }
        if (!idle.isEmpty()) {
            sweep.set(idle.getFirst().idleSince() + limits.keepIdle().toNanos());
        }
    }

    byte[] buffer() {
        return buffers.take();
    }

    void giveBack(byte[] buffer) {
        buffers.giveBack(buffer);
    }

    @Override
    public void bodyReady(Call call) {
        if (call.linkState() instanceof HttpConnection connection) {
            connection.flushLater();
        }
    }

    @Override
    public void resume(Call call) {
        if (call.linkState() instanceof HttpConnection connection) {
            connection.resume();
        }
    }

    @Override
    public void cancel(Call call, Runnable ended) {
        switch (call.linkState()) {
            case HttpConnection connection -> connection.cancel(ended);
            case Retry retry -> {
                retry.timer.cancel();
                ended.run();
            }
            case null, default -> ended.run();
        }
        call.linkState(null);
    }

    @Override
    public void close() {
        closed = true;
        sweep.cancel();
        List<HttpConnection> all = new ArrayList<>(open);
        idle.clear();
        for (HttpConnection connection : all) {
            connection.lost("the worker is gone");
        }
    }

    /** A call whose connect is tried again soon. */
    private final class Retry {
        private final Timer timer;

        private Retry(Call call, int tries) {
            this.timer = loop.timer(() -> {
                if (closed) {
                    call.linkState(null);
                    call.failed(Failure.NOT_CONNECTED, "the worker is gone");
                } else {
                    connect(call, tries);
                }
            });
        }
    }
}
