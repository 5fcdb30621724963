package terpan.edge;

import terpan.edge.limits.Advice;
import terpan.edge.limits.TunnelPlace;
import terpan.edge.origin.Peer;
import terpan.http.WebSocketHandshake;
import terpan.log.Cut;
import terpan.metrics.ClientRefusal;
import terpan.metrics.TunnelEnding;

/** What an exchange has of WebSocket: whether its request is a good handshake, and its place among tunnels. Belongs to the loop's thread. */
final class TunnelRequest {
    private static final int HTTP_2 = 20;

    private final Edge edge;
    private final Exchange exchange;
    private final Answer answer;
    private final TunnelPlace place;
    private boolean good;

    TunnelRequest(Edge edge, Exchange exchange, Answer answer) {
        this.edge = edge;
        this.exchange = exchange;
        this.answer = answer;
        this.place = new TunnelPlace(edge.bounds.tunnels());
    }

    /** A new request. */
    void begin() {
        good = false;
    }

    /** Whether it asks its worker to switch protocols. */
    boolean isGood() {
        return good;
    }

    /** Whether an answer with this status is none of a tunnel, and would be taken for one: any 2xx to a CONNECT is (RFC 9110, section 9.3.6). */
    boolean isTakenFor(int status) {
        return good && exchange.head.version >= HTTP_2 && status / 100 == 2;
    }

    /** It asks for WebSocket. True: it does so badly, and was told. */
    boolean refusesHandshake() {
        WebSocketHandshake.Fault fault = WebSocketHandshake.fault(exchange.head);
        good = fault == WebSocketHandshake.Fault.NONE;
        if (good) {
            return false;
        }
        boolean version = fault == WebSocketHandshake.Fault.VERSION;
        // HTTP/2 has no Upgrade, which 426 would have to name.
        ClientRefusal reason = version && exchange.head.version < HTTP_2
                ? ClientRefusal.WEBSOCKET_VERSION
                : ClientRefusal.WEBSOCKET_HANDSHAKE;
        edge.metrics.clientRefused(reason);
        if (version) {
            answer.webSocketVersion();
        }
        exchange.refuseForNow(reason.status(), "This is no handshake for WebSocket: " + fault.words() + ".", 0);
        return true;
    }

    /** There is no room for its tunnel: true, and it was told. */
    boolean refusesPlace() {
        ClientRefusal reason = place.take(
                exchange.origin(),
                exchange.application().application.metrics().tunnelPlaces(),
                exchange.settings().limits.tunnels());
        if (reason == null) {
            return false;
        }
        edge.metrics.clientRefused(reason);
        boolean address = reason == ClientRefusal.TUNNELS_PER_ADDRESS;
        edge.advice.tell(
                address ? Advice.Matter.TUNNELS_PER_ADDRESS : Advice.Matter.TUNNELS,
                edge.loop.now(),
                () -> Peer.text(exchange.origin().address));
        exchange.refuseForNow(
                reason.status(),
                address ? "Your address has too many WebSockets open." : "Too many WebSockets are open.",
                address ? 0 : 1);
        return true;
    }

    /** The exchange is over. */
    void over() {
        place.give();
    }

    /** Who ended it, as the access log has it. */
    static Cut cut(TunnelEnding why) {
        return switch (why) {
            case CLIENT -> Cut.CLIENT;
            case WORKER, TAKE_IDLE -> Cut.WORKER;
            case IDLE, SEND_IDLE -> Cut.DEADLINE;
            case DRAINED -> Cut.STOP;
            case FAULT -> Cut.FAULT;
        };
    }
}
