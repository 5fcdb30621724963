package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import terpan.http.Method;
import terpan.http.RequestHead;

/**
 * What an authority is answered that asks by HTTP whether a name is ours (RFC 8555, section 8.3). Mostly there is nothing to answer, and a
 * request costs one look. Thread-safe; never waits.
 */
public final class Challenges {
    private static final byte[] PATH = "/.well-known/acme-challenge/".getBytes(US_ASCII);

    /** By token; changed with this as the lock. */
    private volatile Map<String, byte[]> answers = Map.of();

    /** A request for this token is answered so from now on, until {@link #forget}. */
    public synchronized void put(String token, String answer) {
        Map<String, byte[]> more = new HashMap<>(answers);
        more.put(token, answer.getBytes(US_ASCII));
        answers = Map.copyOf(more);
    }

    /** Nobody is to ask for any of them any more. */
    public synchronized void forget() {
        answers = Map.of();
    }

    /** The answer to this request; null: it asks for none that there is, and is like any other. */
    byte @Nullable [] answer(RequestHead head) {
        Map<String, byte[]> present = answers;
        if (present.isEmpty()
                || (head.method != Method.GET && head.method != Method.HEAD)
                || head.contentLength != 0
                || !isBelow(head)) {
            return null;
        }
        int token = head.pathStart + PATH.length;
        return present.get(new String(head.bytes, token, head.pathEnd - token, US_ASCII));
    }

    private static boolean isBelow(RequestHead head) {
        int end = head.pathStart + PATH.length;
        return end < head.pathEnd && Arrays.equals(head.bytes, head.pathStart, end, PATH, 0, PATH.length);
    }
}
