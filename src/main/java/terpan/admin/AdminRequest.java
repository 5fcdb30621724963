package terpan.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import terpan.http.RequestHead;

/**
 * What an operator asks.
 *
 * @param path without the query
 * @param query without the question mark; may be empty
 * @param host as the client has it in its address bar, with a port if it has one; may be empty
 * @param fields by their names in small letters; of two with one name, both with a comma between
 */
record AdminRequest(String method, String path, String query, String host, Map<String, String> fields) {
    static AdminRequest of(RequestHead head) {
        Map<String, String> fields = new HashMap<>();
        for (int i = 0; i < head.fieldCount; i++) {
            String name = text(head, head.nameStart[i], head.nameEnd[i]).toLowerCase(Locale.ROOT);
            fields.merge(name, text(head, head.valueStart[i], head.valueEnd[i]), (one, other) -> one + ", " + other);
        }
        return new AdminRequest(
                text(head, head.methodStart, head.methodEnd),
                head.pathMissing ? "/" : text(head, head.pathStart, head.pathEnd),
                head.queryStart < 0 ? "" : text(head, head.queryStart, head.queryEnd),
                head.hostStart < 0 ? "" : text(head, head.hostStart, head.hostEnd),
                fields);
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    boolean reads() {
        return method.equals("GET");
    }

    private static String text(RequestHead head, int start, int end) {
        return new String(head.bytes, start, end - start, ISO_8859_1);
    }
}
