package terpan.edge;

import terpan.http.Refusal;
import terpan.metrics.ClientRefusal;

/** Which counter a parser's refusal of a client's request belongs to. */
public final class ClientRefusals {
    private ClientRefusals() {}

    /** The counter of a refusal. */
    public static ClientRefusal of(Refusal refusal) {
        return switch (refusal) {
            case FIELD_TOO_LARGE -> ClientRefusal.FIELD_TOO_LARGE;
            case TOO_MANY_FIELDS -> ClientRefusal.TOO_MANY_FIELDS;
            case CHUNK_EXTENSIONS_TOO_LARGE -> ClientRefusal.CHUNK_OVERHEAD;
            default -> ClientRefusal.ofStatus(refusal.status());
        };
    }
}
