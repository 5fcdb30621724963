package terpan.link;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import terpan.http.ResponseHead;
import terpan.http.WebSocketHandshake;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;

/**
 * One connection to a worker: carries a request, reads its answer, and is kept only when nothing about the exchange was odd.
 * The worker is not trusted: any byte that was not asked for ends the connection. Owned by its link's loop.
 */
final class HttpConnection implements WireHandler {
    /** How much of an answer that nobody wants is read before the connection is closed instead. */
    private static final long DISCARD_MOST = 256 * 1024;

    private static final long DISCARD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a worker may keep the connection of a request that was cancelled before it is to show that it is not stuck. */
    private static final long ALIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How long a request that was given up may hold a place of a worker that someone else runs. */
    private static final long FOREIGN_MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final HttpLink link;
    private final Destination destination;
    private final HttpRequestOutput output;
    private final HttpAnswerInput input;
    private @Nullable Wire wire;

    /** Ends a connect that takes too long; null where it takes no time. */
    private @Nullable Timer connectTimer;

    private @Nullable Call call;
    private @Nullable Runnable ended;
    private boolean connected;
    private boolean carriedOne;

    /** Whether the request under way is the last one. */
    private boolean last;

    private boolean passing;
    private boolean outputEnded;
    private long discarded;
    private long idleSince;

    /** What the worker may be at when this connection is closed, by its number; none is known before a request was sent. */
    private long unended = HttpRequestWriter.UNNAMED;

    /** How long the worker says that the request under way took, nanoseconds. */
    private long took;

    /** Once the worker has switched protocols. */
    private @Nullable HttpTunnelEnd tunnel;

    HttpConnection(HttpLink link, Destination destination) {
        this.link = link;
        this.destination = destination;
        this.output = new HttpRequestOutput(link);
        this.input = new HttpAnswerInput(link, this);
    }

    /** The connect is under way. One to a Unix socket ends at once, well or badly. */
    void wire(Wire newWire) {
        wire = newWire;
        if (destination.address() instanceof InetSocketAddress && !connected) {
            Timer timer = link.loop.timer(this::connectTooLong);
            timer.set(link.loop.now() + link.limits.connectTimeout().get().toNanos());
            connectTimer = timer;
        }
    }

    private void connectTooLong() {
        connectTimer = null;
        String why =
                "no connection within " + link.limits.connectTimeout().get().toMillis() + " ms";
        destination.notConnected(why);
        fail(Failure.CONNECT_TIMED_OUT, why);
    }

    private void connectEnded() {
        Timer timer = connectTimer;
        connectTimer = null;
        if (timer != null) {
            timer.cancel();
        }
    }

    long idleSince() {
        return idleSince;
    }

    boolean isIdle() {
        return !input.expecting();
    }

    /** The number of a request that the worker may still be at, though the connection is done with it. */
    long unended() {
        return unended;
    }

    /** Takes a request to carry. */
    void begin(Call newCall) {
        if (!output.begin(newCall)) {
            if (carriedOne) {
                link.released(this);
            } else {
                close();
            }
            newCall.linkState(null);
            newCall.failed(Failure.HEAD_TOO_LARGE, link.writer.problem());
            return;
        }
        unended = link.writer.number();
        call = newCall;
        newCall.linkState(this);
        passing = false;
        discarded = 0;
        input.begin(newCall.head().method);
        flushLater();
    }

    void flushLater() {
        Wire current = wire;
        if (current != null && connected) {
            current.flushLater();
        }
    }

    @Override
    public void onConnected() {
        connected = true;
        connectEnded();
        flushLater();
    }

    @Override
    public void onConnectFailed(IOException reason) {
        String why = String.valueOf(reason.getMessage());
        destination.notConnected(why);
        fail(Failure.NOT_CONNECTED, why);
    }

    @Override
    public void onFault(RuntimeException fault) {
        if (tunnel != null) {
            tunnelGone();
            return;
        }
        fail(passing ? Failure.BROKEN_OFF : Failure.NONSENSE, "internal error");
    }

    @Override
    public void onFlush() {
        HttpTunnelEnd end = tunnel;
        if (end != null) {
            end.flush();
            return;
        }
        Wire current = wire;
        if (current != null) {
            output.send(current, call);
        }
    }

    @Override
    public void onReadable() {
        TunnelEvents events = tunnelEvents();
        if (events != null) {
            events.readable();
            return;
        }
        Wire current = wire;
        if (current == null) {
            return;
        }
        if (isIdle()) {
            close();
            return;
        }
        int received;
        try {
            received = input.receive(current);
        } catch (IOException reset) {
            lost("connection reset");
            return;
        }
        if (received >= 0) {
            input.read();
            Call carried = call;
            if (carried != null && !carried.wantsMore()) {
                current.reading(false);
            }
        } else if (input.endsWithStream()) {
            complete();
        } else {
            lost("connection closed");
        }
    }

    /** Passes on what is said before the answer. */
    void passInformational(ResponseHead head) {
        Call carried = call;
        if (carried != null) {
            carried.answerInformational(head);
        }
    }

    /** Passes the head of the answer on; false when it can not be. */
    boolean passHead(ResponseHead head) {
        passing = true;
        Call carried = call;
        if (carried == null) {
            endSoon();
            return true;
        }
        took = link.limits.identity() ? TimeUnit.MICROSECONDS.toNanos(head.tookMicros()) : 0;
        carried.answerStart(head.status, head.bytes, head.reasonStart, head.reasonEnd);
        if (!carried.answerFields(head)) {
            nonsense("a field of the answer can not be passed on");
            return false;
        }
        carried.answerHeadEnd(head.chunked ? -1 : head.contentLength);
        return true;
    }

    /** The worker switched protocols: from now on the connection is one end of a tunnel, and counts among its worker's no more. */
    void switched(ResponseHead head) {
        Call carried = call;
        Wire current = wire;
        if (carried == null || current == null) {
            close();
            return;
        }
        if (!carried.tunnels()) {
            nonsense("the worker switches protocols, which nobody asked for");
            return;
        }
        String wrong = WebSocketHandshake.wrong(head, carried.head());
        if (!wrong.isEmpty()) {
            nonsense("the worker switches protocols, but " + wrong);
            return;
        }
        destination.answered();
        carried.answerStart(head.status, head.bytes, head.reasonStart, head.reasonEnd);
        if (!carried.answerFields(head)) {
            nonsense("a field of the answer can not be passed on");
            return;
        }
        unended = HttpRequestWriter.UNNAMED;
        call = null;
        output.release();
        HttpTunnelEnd end = new HttpTunnelEnd(this, current, input);
        tunnel = end;
        link.tunnels(this);
        carried.linkState(null);
        carried.answerTunnel(end);
    }

    /** Who hears of the tunnel; null: there is none, or nobody does any more. */
    private @Nullable TunnelEvents tunnelEvents() {
        HttpTunnelEnd end = tunnel;
        return end == null ? null : end.events();
    }

    /** Its worker is to end: the tunnel has had its time. */
    void tunnelDrained() {
        TunnelEvents events = tunnelEvents();
        if (events != null) {
            events.drained();
        }
        close();
    }

    private void tunnelGone() {
        TunnelEvents events = tunnelEvents();
        if (events != null) {
            events.gone();
        }
        close();
    }

    /** Passes a piece of the body on. */
    void pass(byte[] bytes, int from, int to) {
        Call carried = call;
        if (carried != null) {
            carried.answerBody(bytes, from, to);
            return;
        }
        discarded += to - from;
        if (discarded > DISCARD_MOST || outputEnded) {
            close();
        }
    }

    /** The answer is whole. */
    void complete() {
        boolean reusable = input.clean() && output.done() && !output.mayEnd() && !last;
        if (!input.endsWithStream()) {
            unended = HttpRequestWriter.UNNAMED;
        }
        Call carried = call;
        destination.answered();
        call = null;
        carriedOne = true;
        input.stop();
        idleSince = link.loop.now();
        if (reusable) {
            link.released(this);
        } else {
            close();
        }
        if (carried != null) {
            carried.linkState(null);
            carried.answerEnd(took);
        }
        runEnded();
    }

    void nonsense(String what) {
        destination.answered();
        fail(Failure.NONSENSE, what);
    }

    void brokenOff(String how) {
        destination.answered();
        fail(Failure.BROKEN_OFF, how);
    }

    /** The connection is no more; what it carried fails by how far it had come. */
    void lost(String how) {
        if (tunnel != null) {
            tunnelGone();
        } else if (passing) {
            fail(Failure.BROKEN_OFF, how);
        } else if (input.begun()) {
            fail(Failure.CLOSED_BEFORE_ANSWER, how);
        } else if (carriedOne) {
            fail(Failure.KEPT_CONNECTION_CLOSED, how);
        } else {
            tellUnanswered(how);
            fail(Failure.CLOSED_BEFORE_ANSWER, how);
        }
    }

    /** The call under way has waited too long for its answer. */
    void timedOut() {
        if (!input.begun()) {
            tellUnanswered("no answer in time");
        }
    }

    private void tellUnanswered(String why) {
        if (call != null && connected) {
            destination.unanswered(why);
        } else if (call != null) {
            destination.notConnected(why);
        }
    }

    /** No request follows the one under way. */
    void isLast() {
        last = true;
    }

    private void fail(Failure failure, String detail) {
        Call carried = call;
        call = null;
        close();
        if (carried != null) {
            carried.linkState(null);
            carried.failed(failure, detail);
        }
    }

    /** Goes on reading. */
    void resume() {
        Wire current = wire;
        if (current != null) {
            current.reading(true);
        }
    }

    /**
     * Nobody wants the answer: it is read to its end and thrown away, so that it is known when the worker is free. One that has begun
     * and does not end soon is broken off, which the worker notices when it sends. If it sends nothing, only our sending side is closed:
     * it may notice that too, and else works on, which is known from the connection alone. An application that hears of it is told before
     * its answer has begun, too.
     */
    void cancel(Runnable whenEnded, Runnable alive) {
        call = null;
        ended = whenEnded;
        if (!connected) {
            destination.doubted();
        }
        Wire current = wire;
        if (current == null || !connected) {
            unended = HttpRequestWriter.UNNAMED;
            close();
            return;
        }
        resume();
        boolean done = output.done();
        if (!done || link.limits.hearsLeaving()) {
            endOutput(current);
        }
        if (done && passing) {
            endSoon();
        }
        if (unended != HttpRequestWriter.UNNAMED) {
            askAliveWhileCancelled(alive);
        }
        if (!link.limits.identity()) {
            // Someone else's worker: nobody would end it, and what it is at can not be known for ever.
            whileCancelled(FOREIGN_MOST_NANOS, this::close);
        }
    }

    private void askAliveWhileCancelled(Runnable alive) {
        whileCancelled(ALIVE_NANOS, () -> {
            link.askAlive(unended, alive);
            askAliveWhileCancelled(alive);
        });
    }

    private void endOutput(Wire current) {
        outputEnded = true;
        output.stop(current);
        try {
            current.shutdownOutput();
        } catch (IOException gone) {
            close();
        }
    }

    private void endSoon() {
        whileCancelled(DISCARD_NANOS, () -> {
            Wire current = wire;
            if (discarded > 0) {
                close();
            } else if (current != null) {
                endOutput(current);
            }
        });
    }

    /** Does it after that time, unless the request that was cancelled has ended by then. */
    private void whileCancelled(long nanos, Runnable what) {
        Runnable due = ended;
        link.loop
                .timer(() -> {
                    if (due != null && ended == due) {
                        what.run();
                    }
                })
                .set(link.loop.now() + nanos);
    }

    void close() {
        Wire current = wire;
        wire = null;
        connectEnded();
        if (current != null) {
            current.close();
        }
        link.gone(this);
        input.stop();
        output.release();
        runEnded();
    }

    private void runEnded() {
        Runnable due = ended;
        ended = null;
        if (due != null) {
            due.run();
        }
    }
}
