package terpan.edge;

import java.util.Optional;
import terpan.edge.limits.ClientLimits;
import terpan.edge.origin.Peer;

/** What is asked of a request whose head is whole and well, before its body: the same whatever its client speaks. No state. */
public final class HeadRules {
    private HeadRules() {}

    /** Finds out whose request it is; true: it is answered already, for it is turned away, or sent elsewhere, and is not to go on. */
    public static boolean turnAway(Edge edge, Exchange exchange, Peer peer) {
        exchange.identify(peer);
        byte[] proof = edge.challenges.answer(exchange.head);
        if (proof != null) {
            exchange.prove(proof);
            return true;
        }
        if (edge.settings().probes.asked(exchange.head) != ProbePaths.Asked.NOTHING) {
            probed(edge, exchange);
            return true;
        }
        if (exchange.belongsElsewhere()) {
            exchange.sendElsewhere();
            return true;
        }
        if (exchange.head.asksForWebSocket() && exchange.tunnelRequest.refusesHandshake()) {
            return true;
        }
        Optional<ClientLimits.Refused> refused = edge.clientLimits.refusal(exchange.origin(), exchange.rates());
        if (refused.isEmpty()) {
            return exchange.refusesMethod() || (exchange.tunnels() && exchange.tunnelRequest.refusesPlace());
        }
        ClientLimits.Refused why = refused.get();
        edge.looksForMemory();
        exchange.refuseForNow(why.status(), why.what(), 1 + why.waitNanos() / 1_000_000_000L);
        return true;
    }

    private static void probed(Edge edge, Exchange exchange) {
        if (edge.settings().probes.asked(exchange.head) == ProbePaths.Asked.LIVE || edge.isReady()) {
            exchange.prove(ProbePaths.OK);
        } else {
            exchange.refuseForNow(503, "Not ready: no worker is, or Terpan is about to stop.", 1);
        }
    }

    /**
     * Whether a body is longer than any may be, or than any that fits: one sentence for the client then.
     *
     * @param length bytes; -1 where they are not known before it ends
     * @param streams whether a worker takes it while it comes, so that it always fits
     */
    public static Optional<String> bodyTooLarge(Edge edge, Exchange exchange, long length, boolean streams) {
        long most = exchange.settings().limits.bodyMost();
        if (length > most) {
            return Optional.of("The body is larger than " + most + " bytes.");
        }
        long room = edge.spoolSpace.promiseMost();
        return length <= room || streams
                ? Optional.empty()
                : Optional.of("The body is larger than " + room + " bytes, which is all the room there is.");
    }
}
