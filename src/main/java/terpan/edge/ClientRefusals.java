package terpan.edge;

import terpan.metrics.ClientRefusal;
import terpan.metrics.LoopMetrics;

/** Which counter a refusal of a client's request belongs to. */
final class ClientRefusals {
    private ClientRefusals() {}

    /** Counts a refusal, while a head was read or later; what is not the client's fault is none. */
    static void count(LoopMetrics metrics, int status, boolean inHead) {
        switch (status) {
            case 408 -> metrics.clientRefused(inHead ? ClientRefusal.HEAD_TIMEOUT : ClientRefusal.BODY_TIMEOUT);
            case 413 -> metrics.clientRefused(ClientRefusal.BODY_TOO_LARGE);
            case 414 -> metrics.clientRefused(ClientRefusal.TARGET_TOO_LONG);
            case 417 -> metrics.clientRefused(ClientRefusal.EXPECTATION);
            case 431 -> metrics.clientRefused(ClientRefusal.HEAD_TOO_LARGE);
            case 501 -> metrics.clientRefused(ClientRefusal.NOT_IMPLEMENTED);
            case 505 -> metrics.clientRefused(ClientRefusal.VERSION);
            case 503 -> {}
            default -> metrics.clientRefused(ClientRefusal.MALFORMED);
        }
    }
}
