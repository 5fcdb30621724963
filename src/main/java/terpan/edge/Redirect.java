package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;

/** Where a request is sent that should have come with https: its own host and target. */
final class Redirect {
    private static final byte[] NOWHERE = new byte[0];
    private static final byte[] SCHEME = "https://".getBytes(US_ASCII);

    private Redirect() {}

    /**
     * The address; empty where the request does not name its host.
     *
     * @param port what stands behind the host, a colon first; empty: nothing
     */
    static byte[] location(RequestHead head, byte[] port) {
        if (head.hostStart < 0 || head.hostStart == head.hostEnd) {
            return NOWHERE;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SCHEME);
        out.write(head.bytes, head.hostStart, hostEnd(head) - head.hostStart);
        out.writeBytes(port);
        if (head.pathStart < head.pathEnd && head.bytes[head.pathStart] == '/') {
            write(out, head, head.pathStart, head.pathEnd);
        } else {
            out.write('/');
        }
        if (head.queryStart >= 0) {
            out.write('?');
            write(out, head, head.queryStart, head.queryEnd);
        }
        return out.toByteArray();
    }

    /** Without the port: the last colon that is not within an IPv6 address. */
    private static int hostEnd(RequestHead head) {
        for (int i = head.hostEnd - 1; i >= head.hostStart && head.bytes[i] != ']'; i--) {
            if (head.bytes[i] == ':') {
                return i;
            }
        }
        return head.hostEnd;
    }

    private static void write(ByteArrayOutputStream out, RequestHead head, int from, int to) {
        byte[] escaped = new byte[PercentEncoder.GROWTH * (to - from)];
        out.write(escaped, 0, PercentEncoder.encode(head.bytes, from, to, escaped, 0));
    }
}
