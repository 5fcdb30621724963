package terpan.edge;

import terpan.metrics.ClientRefusal;
import terpan.metrics.LoopMetrics;

/** Which counter a refusal of a client's request belongs to. */
final class ClientRefusals {
    private ClientRefusals() {}

    /** Counts a refusal, while a head was read or later; what is not the client's fault is none. */
    static void count(LoopMetrics metrics, int status, boolean inHead) {
        if (status == 503) {
            return;
        }
        boolean bodyLate = status == 408 && !inHead;
        metrics.clientRefused(bodyLate ? ClientRefusal.BODY_TIMEOUT : ClientRefusal.ofStatus(status));
    }
}
