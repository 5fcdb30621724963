package terpan.link;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.http.Method;
import terpan.http.ResponseParser;
import terpan.loop.AcceptQueueFullException;
import terpan.loop.BufferPool;
import terpan.loop.Loop;
import terpan.loop.Timer;

/**
 * HTTP/1.1 to one worker of a foreign server: one request at a time on a connection, connections kept below the server's own
 * idle time, opened only with a request at hand and with room among the {@link Connections}. Owned by its loop's thread.
 */
public final class HttpLink implements Link {
    /** What it keeps in buffers that nobody uses, bytes: there is a link for each worker on each loop. */
    private static final long SPARES_MOST = Runtime.getRuntime().maxMemory() / 256;

    private static final int CONNECT_TRIES = 3;
    private static final long CONNECT_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    final Loop loop;
    final LinkLimits limits;
    final ResponseParser parser = new ResponseParser();
    final HttpRequestWriter writer;
    private final Destinations destinations;
    private final Connections connections;

    /** Calls for which there was no room yet. */
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    private final ArrayDeque<HttpConnection> idle = new ArrayDeque<>();
    private final Set<HttpConnection> connected = new HashSet<>();

    /** Those whose worker switched protocols. */
    private final Set<HttpConnection> tunnels = new LinkedHashSet<>();

    /** Waits for those that there were when its worker was to end. */
    private final List<TunnelDrain> drains = new ArrayList<>();

    private final BufferPool buffers = new BufferPool(SPARES_MOST, () -> false);
    private final Timer sweep;
    private boolean asksAlive;
    private boolean closed;

    /** To a worker with one address. */
    public HttpLink(Loop loop, SocketAddress address, LinkLimits limits, Connections connections) {
        this(loop, Destinations.of(address), limits, connections);
    }

    public HttpLink(Loop loop, Destinations destinations, LinkLimits limits, Connections connections) {
        this.loop = loop;
        this.destinations = destinations;
        this.limits = limits;
        this.connections = connections;
        this.writer = new HttpRequestWriter(limits);
        this.sweep = loop.timer(this::closeIdle);
        connections.join(this);
    }

    @Override
    public boolean hearsLeaving() {
        return limits.hearsLeaving();
    }

    @Override
    public void forward(Call call) {
        if (closed) {
            call.failed(Failure.NOT_CONNECTED, "the worker is gone");
            return;
        }
        HttpConnection kept = kept(call);
        if (kept != null) {
            kept.begin(call);
        } else {
            connect(call, CONNECT_TRIES);
        }
    }

    /** An idle connection that may carry the call; one that may not gives way to the new one, so that they never become more by it. */
    private @Nullable HttpConnection kept(Call call) {
        if (call.tunnels()) {
            return null; // perhaps it is none again
        }
        if (!limits.losesKept() || repeatable(call)) {
            return takeIdle();
        }
        HttpConnection oldest = idle.pollFirst();
        if (oldest != null) {
            oldest.close();
        }
        return null;
    }

    /** Whether it may be sent a second time, as it is now: its method says so, and its body is whole in memory. */
    private static boolean repeatable(Call call) {
        BodySource body = call.body();
        return Method.idempotent(call.head().method) && body.available() == body.length();
    }

    private void connect(Call call, int tries) {
        if (connections.take()) {
            open(call, tries);
        } else {
            Waiting place = new Waiting(call, tries);
            call.linkState(place);
            waiting.addLast(place);
            connections.want();
        }
    }

    /** Lets calls that wait have what there is by now: room, or this link's idle connections. */
    void share() {
        while (!waiting.isEmpty()) {
            HttpConnection kept = kept(waiting.getFirst().call);
            if (kept == null && !connections.take()) {
                break;
            }
            Waiting next = waiting.removeFirst();
            connections.wantedNoMore();
            if (kept != null) {
                kept.begin(next.call);
            } else {
                open(next.call, next.tries);
            }
        }
        while (connections.scarce() && !idle.isEmpty()) {
            idle.removeFirst().close();
        }
    }

    /** With room taken. A full accept queue is told at once, so a new try is made a little later. */
    private void open(Call call, int tries) {
        Destination to = destinations.next();
        if (to == null) {
            connections.give();
            call.linkState(null);
            call.failed(Failure.NOT_CONNECTED, "no address of the worker is reached");
            return;
        }
        HttpConnection connection = new HttpConnection(this, to);
        try {
            connection.wire(loop.connect(to.address(), connection));
        } catch (IOException refused) {
            connections.give();
            if (tries > 1 && refused instanceof AcceptQueueFullException) {
                Retry retry = new Retry(call, tries - 1);
                call.linkState(retry);
                retry.timer.set(loop.now() + CONNECT_PAUSE);
            } else {
                String why = String.valueOf(refused.getMessage());
                to.notConnected(why);
                call.linkState(null);
                call.failed(Failure.NOT_CONNECTED, why);
            }
            return;
        }
        connected.add(connection);
        connection.begin(call);
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
        if (connections.scarce()) {
            loop.execute(this::share);
        }
        if (!sweep.isSet()) {
            sweep.set(loop.now() + limits.keepIdle().toNanos());
        }
    }

    /** The connection is one end of a tunnel from now on: it counts among the server's connections no more. */
    void tunnels(HttpConnection connection) {
        if (connected.remove(connection)) {
            connections.give();
        }
        tunnels.add(connection);
    }

    @Override
    public boolean takesTunnels() {
        return limits.tunnels();
    }

    @Override
    public void drainTunnels(long deadline, boolean closes, Runnable ended) {
        if (tunnels.isEmpty()) {
            ended.run();
            return;
        }
        TunnelDrain drain = new TunnelDrain(loop, tunnels, deadline, closes, ended);
        drains.add(drain);
        drain.begin();
    }

    private void tunnelGone(HttpConnection connection) {
        if (tunnels.remove(connection) && !drains.isEmpty()) {
            drains.removeIf(drain -> drain.gone(connection));
        }
    }

    void gone(HttpConnection connection) {
        tunnelGone(connection);
        idle.remove(connection);
        if (connected.remove(connection)) {
            connections.give();
        }
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

    /** Whether its worker is gone. */
    boolean isClosed() {
        return closed;
    }

    byte[] buffer() {
        return buffers.take();
    }

    void giveBack(byte[] buffer) {
        if (buffer.length == BufferPool.BYTES) {
            buffers.giveBack(buffer);
        }
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
        cancel(call, ended, () -> {});
    }

    @Override
    public void cancel(Call call, Runnable ended, Runnable alive) {
        switch (call.linkState()) {
            case HttpConnection connection -> connection.cancel(cancelled(connection, ended, alive), alive);
            case Retry retry -> {
                retry.timer.cancel();
                ended.run();
            }
            case Waiting place -> {
                if (waiting.remove(place)) {
                    connections.wantedNoMore();
                }
                ended.run();
            }
            case null, default -> ended.run();
        }
        call.linkState(null);
    }

    /** What is done when the connection that carried it is done with it, though the worker may not be. */
    private Runnable cancelled(HttpConnection connection, Runnable ended, Runnable alive) {
        return () -> {
            long number = connection.unended();
            if (number == HttpRequestWriter.UNNAMED) {
                ended.run();
            } else {
                new EndQuestion(this, writer.name(number), ended, alive).ask();
            }
        };
    }

    /**
     * Has the worker show that it is not stuck, while it keeps the connection of a request that nobody waits for. Its word on that
     * request counts for nothing more: it may not have read it yet. One such question at a time tells of the whole worker.
     */
    void askAlive(long number, Runnable alive) {
        if (!asksAlive) {
            asksAlive = true;
            new EndQuestion(this, writer.name(number), () -> asksAlive = false, alive).ask();
        }
    }

    @Override
    public void timedOut(Call call) {
        if (call.linkState() instanceof HttpConnection connection) {
            connection.timedOut();
        }
    }

    @Override
    public void renew() {
        for (HttpConnection connection : connected) {
            connection.isLast();
        }
        while (!idle.isEmpty()) {
            idle.removeFirst().close();
        }
    }

    @Override
    public void close() {
        closed = true;
        connections.leave(this);
        sweep.cancel();
        while (!waiting.isEmpty()) {
            Call call = waiting.removeFirst().call;
            connections.wantedNoMore();
            call.linkState(null);
            call.failed(Failure.NOT_CONNECTED, "the worker is gone");
        }
        List<HttpConnection> all = new ArrayList<>(connected);
        idle.clear();
        all.addAll(tunnels);
        for (HttpConnection connection : all) {
            connection.lost("the worker is gone");
        }
    }

    /** A call that waits for room, and how often its connect may be tried then. */
    private static final class Waiting {
        private final Call call;
        private final int tries;

        private Waiting(Call call, int tries) {
            this.call = call;
            this.tries = tries;
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
