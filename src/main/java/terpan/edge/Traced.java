package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.edge.origin.RequestTrace;
import terpan.http.RequestHead;
import terpan.link.Origin;
import terpan.log.FieldSearch;
import terpan.log.QueryMask;
import terpan.trace.TracedRequest;

/** What a trace tells of a request. Allocates: for those that are told of. */
final class Traced {
    private static final int FIELD_MOST = 200;

    private Traced() {}

    static TracedRequest.Ids ids(RequestTrace trace) {
        return new TracedRequest.Ids(
                trace.high(), trace.low(), trace.parent(), trace.request(), trace.worker(), trace.state());
    }

    static TracedRequest.Said said(RequestHead head, Origin origin, QueryMask mask) {
        int agent = FieldSearch.find(head, FieldSearch.USER_AGENT);
        return new TracedRequest.Said(
                Described.route(head),
                Described.method(head),
                Described.target(head, mask),
                new String(origin.scheme, US_ASCII),
                version(head),
                head.hostStart < 0 ? "" : text(head, head.hostStart, head.hostEnd),
                new String(origin.address, US_ASCII),
                agent < 0 ? "" : text(head, head.valueStart[agent], head.valueEnd[agent]));
    }

    private static String version(RequestHead head) {
        return switch (head.version) {
            case 10 -> "1.0";
            case 20 -> "2";
            default -> "1.1";
        };
    }

    private static String text(RequestHead head, int start, int end) {
        return new String(head.bytes, start, Math.min(end - start, FIELD_MOST), ISO_8859_1);
    }
}
