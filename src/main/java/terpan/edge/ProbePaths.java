package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import terpan.config.Probes;
import terpan.http.Method;
import terpan.http.RequestHead;

/** Which requests of clients ask how Terpan is. Immutable; mostly there are none, and a request costs one look. */
final class ProbePaths {
    /** What is asked. */
    enum Asked {
        /** Nothing. */
        NOTHING,
        /** Whether it turns. */
        LIVE,
        /** Whether it can serve. */
        READY
    }

    static final byte[] OK = "ok\n".getBytes(US_ASCII);

    private final byte[] live;
    private final byte[] ready;

    ProbePaths(Probes probes) {
        live = probes.livePath().orElse("").getBytes(US_ASCII);
        ready = probes.readyPath().orElse("").getBytes(US_ASCII);
    }

    Asked asked(RequestHead head) {
        if (live.length + ready.length == 0
                || (head.method != Method.GET && head.method != Method.HEAD)
                || head.contentLength != 0) {
            return Asked.NOTHING;
        }
        return is(live, head) ? Asked.LIVE : is(ready, head) ? Asked.READY : Asked.NOTHING;
    }

    private static boolean is(byte[] path, RequestHead head) {
        return path.length > 0 && Arrays.equals(head.bytes, head.pathStart, head.pathEnd, path, 0, path.length);
    }
}
