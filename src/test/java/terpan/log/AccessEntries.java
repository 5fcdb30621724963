package terpan.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import terpan.http.RequestHead;

/** Entries for the tests of the access log. */
final class AccessEntries {
    private AccessEntries() {}

    static AccessEntry entry(String target, String referer, String agent) {
        AccessEntry entry = new AccessEntry();
        head(entry.head, target, referer, agent);
        entry.client = "203.0.113.7".getBytes(ISO_8859_1);
        entry.wallMillis = 1_795_367_189_123L;
        entry.status = 200;
        entry.sentBytes = 5_120;
        entry.receivedBytes = 17;
        entry.totalNanos = 12_345_678;
        entry.queueNanos = 1_500;
        entry.workerNanos = 12_000_000;
        entry.worker = "w1".getBytes(ISO_8859_1);
        entry.group = "quick".getBytes(ISO_8859_1);
        entry.route = "GET /a".getBytes(ISO_8859_1);
        entry.id = "__4f2a9c01".getBytes(ISO_8859_1);
        entry.idStart = 2;
        entry.idEnd = 10;
        return entry;
    }

    private static void head(RequestHead head, String target, String referer, String agent) {
        String text = "GET " + target + " HTTP/1.1\r\nReFerer: " + referer + "\r\nUser-Agent: " + agent + "\r\n\r\n";
        head.bytes = text.getBytes(ISO_8859_1);
        head.methodEnd = 3;
        head.targetStart = 4;
        head.targetEnd = 4 + target.length();
        head.version = 11;
        int at = head.targetEnd + " HTTP/1.1\r\n".length();
        at = field(head, at, "ReFerer".length(), referer.length());
        at = field(head, at, "User-Agent".length(), agent.length());
        head.end = at + 2;
    }

    private static int field(RequestHead head, int at, int nameLength, int valueLength) {
        int field = head.fieldCount++;
        head.nameStart[field] = at;
        head.nameEnd[field] = at + nameLength;
        head.valueStart[field] = at + nameLength + 2;
        head.valueEnd[field] = at + nameLength + 2 + valueLength;
        return head.valueEnd[field] + 2;
    }

    static String encoded(AccessEncoder encoder, AccessEntry entry) {
        LineBytes line = new LineBytes(AccessEncoder.LINE_MOST);
        encoder.encode(entry, line);
        return new String(line.bytes, 0, line.end, ISO_8859_1);
    }
}
