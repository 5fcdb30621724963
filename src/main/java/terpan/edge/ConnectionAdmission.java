package terpan.edge;

import java.util.List;
import java.util.Optional;
import terpan.edge.limits.Bounds;
import terpan.loop.Acceptor;
import terpan.loop.Loop;
import terpan.loop.Wire;
import terpan.loop.WireHandler;
import terpan.metrics.Limit;
import terpan.tls.LoopTls;
import terpan.tls.ServerTls;

/**
 * Lets clients in to the edges of all loops, as long as there is room: when there are as many connections as allowed, the
 * longest idle ones are closed and the next wait in the kernel's queue. Asked by the acceptors on the first loop.
 */
public final class ConnectionAdmission implements Acceptor.AcceptHandler {
    /** Idle connections that are closed at a time, on each loop. */
    static final int ROOM = 64;

    private final List<Edge> edges;
    private final Bounds bounds;
    private final boolean proxyProtocol;
    private final ClientProtocol protocol;

    /** By the loops' numbers; empty: clients speak without TLS. */
    private final List<LoopTls> tls;

    private boolean paused;

    /**
     * Makes the admission of one listener.
     *
     * @param proxyProtocol whether its connections begin with a header of the PROXY protocol
     * @param tls what its clients speak beneath the protocol, if they do
     * @param protocol what its clients speak
     */
    public ConnectionAdmission(
            List<Edge> edges, Bounds bounds, boolean proxyProtocol, Optional<ServerTls> tls, ClientProtocol protocol) {
        this.tls = tls.map(
                        server -> edges.stream().map(edge -> edge.tls(server)).toList())
                .orElse(List.of());
        this.protocol = protocol;
        this.proxyProtocol = proxyProtocol;
        this.edges = List.copyOf(edges);
        this.bounds = bounds;
    }

    @Override
    public WireHandler accepted(Loop loop, Wire wire) {
        Edge edge = edges.get(loop.index());
        return proxyProtocol ? edge.acceptedBehindProxy(wire, known -> accepted(edge, known)) : accepted(edge, wire);
    }

    private WireHandler accepted(Edge edge, Wire wire) {
        return tls.isEmpty()
                ? edge.accepted(wire, protocol)
                : edge.acceptedOverTls(wire, tls.get(edge.loop.index()), protocol);
    }

    @Override
    public void onItsWay() {
        bounds.onItsWay(1);
    }

    @Override
    public void arrived() {
        bounds.onItsWay(-1);
    }

    @Override
    public boolean mayAccept() {
        boolean full = bounds.full();
        boolean may = !full && !bounds.memory().exhausted();
        if (!may && !paused) {
            edges.getFirst().metrics.limitReached(full ? Limit.CONNECTIONS : Limit.MEMORY);
        }
        paused = !may;
        if (!may) {
            for (Edge edge : edges) {
                edge.loop.execute(() -> edge.makeRoom(ROOM));
            }
        }
        return may;
    }

    @Override
    public void exhausted() {
        edges.getFirst().metrics.limitReached(Limit.DESCRIPTORS);
        for (Edge edge : edges) {
            edge.loop.execute(() -> edge.makeRoom(ROOM));
        }
    }
}
