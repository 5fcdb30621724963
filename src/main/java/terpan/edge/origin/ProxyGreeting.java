package terpan.edge.origin;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import terpan.loop.Loop;
import terpan.loop.Timer;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.ClientRefusal;
import terpan.metrics.LoopMetrics;

/**
 * A connection on a listener that asks for the PROXY protocol, until its header has come: only then is there a client. What is
 * not a header, comes too late, or comes from a peer that is not to be believed, is cut without an answer. Belongs to the loop's
 * thread.
 */
public final class ProxyGreeting implements WireHandler {
    private final Origins origins;
    private final LoopMetrics metrics;
    private final Wire wire;
    private final Function<Wire, WireHandler> introduce;
    private final Consumer<ProxyGreeting> over;
    private final Timer deadline;
    private final ProxyHeader header = new ProxyHeader();
    private byte[] bytes = new byte[ProxyHeader.MOST];
    private int end;
    private @Nullable WireHandler client;

    /**
     * @param introduce makes the client's connection, on a wire that has its addresses
     * @param over is told when the greeting is over, well or badly; perhaps more than once
     */
    public ProxyGreeting(
            Loop loop,
            Origins origins,
            LoopMetrics metrics,
            Wire wire,
            Function<Wire, WireHandler> introduce,
            Consumer<ProxyGreeting> over) {
        this.origins = origins;
        this.metrics = metrics;
        this.wire = wire;
        this.introduce = introduce;
        this.over = over;
        this.deadline = loop.timer(this::refuse);
    }

    /**
     * Waits for the header, until a time in monotonic nanoseconds.
     *
     * @return false when the peer's word is not believed: the connection is cut
     */
    public boolean begin(long until) {
        if (!origins.trustsNobody() && !origins.trusts(wire.remoteAddress())) {
            refuse();
            return false;
        }
        deadline.set(until);
        return true;
    }

    @Override
    public void onReadable() {
        if (client != null) {
            client.onReadable();
            return;
        }
        int received;
        try {
            received = wire.receive(bytes, end, bytes.length - end);
        } catch (IOException reset) {
            close();
            return;
        }
        if (received < 0) {
            close();
            return;
        }
        end += received;
        int result = header.parse(bytes, 0, end);
        if (result >= 0) {
            introduce(result);
        } else if (result == ProxyHeader.BAD || end == bytes.length) {
            refuse();
        }
    }

    private void introduce(int headerEnd) {
        deadline.cancel();
        byte[] ahead = Arrays.copyOfRange(bytes, headerEnd, end);
        bytes = new byte[0];
        Wire known = wire;
        if (header.unix) {
            known = new GreetedWire(wire, null, null, ahead);
        } else if (header.source != null) {
            known = new GreetedWire(wire, header.source, header.destination, ahead);
        } else {
            known = new GreetedWire(wire, wire.remoteAddress(), wire.localAddress(), ahead);
        }
        over.accept(this);
        WireHandler introduced = introduce.apply(known);
        client = introduced;
        if (ahead.length > 0) {
            introduced.onReadable();
        }
    }

    private void refuse() {
        metrics.clientRefused(ClientRefusal.PROXY_HEADER);
        wire.reset();
        close();
    }

    /** Ends it; the client, if there is one, is not told. */
    public void close() {
        deadline.cancel();
        wire.close();
        over.accept(this);
    }

    @Override
    public void onFlush() {
        if (client != null) {
            client.onFlush();
        }
    }

    @Override
    public void onFault(RuntimeException fault) {
        if (client != null) {
            client.onFault(fault);
        } else {
            close();
        }
    }
}
