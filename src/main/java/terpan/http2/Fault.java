package terpan.http2;

import org.jspecify.annotations.Nullable;
import terpan.http.Field;
import terpan.http.Refusal;

/** What is wrong with a line whose kind is not good: forbidden by HTTP/2, or refused as in HTTP/1.1. */
final class Fault {
    private Fault() {}

    /** Null where HTTP/2 itself does not mind. */
    static @Nullable Malformed malformed(int name, int kind) {
        if (name == FieldKind.UPPER_CASE) {
            return Malformed.UPPER_CASE_NAME;
        }
        if (name == FieldKind.FORBIDDEN) {
            return Malformed.FORBIDDEN_IN_NAME;
        }
        return (kind & FieldKind.VALUE_SPACED) != 0 ? Malformed.SPACE_AROUND_VALUE : null;
    }

    /** Whether a field means something for a connection of HTTP/1.1 alone (RFC 9113, section 8.2.2). */
    static boolean onlyInConnections(int name) {
        return switch (name) {
            case Field.CONNECTION, Field.KEEP_ALIVE, Field.PROXY_CONNECTION, Field.TRANSFER_ENCODING, Field.UPGRADE ->
                true;
            default -> false;
        };
    }

    static Refusal refusal(int name) {
        return switch (name) {
            case FieldKind.EMPTY -> Refusal.EMPTY_NAME;
            case FieldKind.NO_TOKEN -> Refusal.BAD_NAME;
            default -> Refusal.BAD_VALUE;
        };
    }
}
