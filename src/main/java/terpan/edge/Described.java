package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.dispatch.RouteShape;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;
import terpan.log.QueryMask;

/** What a request asks for, as a person reads it. Allocates: for what is seldom told. */
final class Described {
    static final int TARGET_SHOWN = 200;
    private static final int METHOD_SHOWN = 20;

    /** Bytes of a target that are looked at for secrets: what is shown is among them, however much is hidden before. */
    private static final int MASKED = 8_000;

    private Described() {}

    /** The target without its secrets, escaped, cut after 200 bytes. */
    static String target(RequestHead head, QueryMask mask) {
        byte[] target = mask.masked(head.bytes, head.targetStart, Math.min(head.targetEnd, head.targetStart + MASKED));
        int length = Math.min(TARGET_SHOWN, target.length);
        byte[] escaped = new byte[PercentEncoder.GROWTH * length];
        int end = PercentEncoder.encode(target, 0, length, escaped, 0);
        return new String(escaped, 0, end, US_ASCII);
    }

    /** The method and the shape of the path. */
    static String route(RequestHead head) {
        return RouteShape.text(method(head), head.bytes, head.pathStart, head.pathEnd);
    }

    /** The method, cut after 20 bytes. */
    static String method(RequestHead head) {
        int length = Math.min(METHOD_SHOWN, head.methodEnd - head.methodStart);
        return new String(head.bytes, head.methodStart, length, US_ASCII);
    }
}
