package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import terpan.http.RequestHead;
import terpan.log.LineBytes.Escape;

/** One JSON object a line; times in UTC with milliseconds, durations in seconds, what is not known is null. */
final class JsonAccessEncoder implements AccessEncoder {
    private static final byte[] TIME = "{\"time\":\"".getBytes(US_ASCII);
    private static final Name CLIENT = new Name("Z\",\"client\":");
    private static final Name USER = new Name(",\"user\":");
    private static final Name METHOD = new Name(",\"method\":");
    private static final Name TARGET = new Name(",\"target\":");
    private static final byte[] VERSION = ",\"version\":\"".getBytes(US_ASCII);
    private static final byte[] STATUS = "\",\"status\":".getBytes(US_ASCII);
    private static final byte[] SENT = ",\"sent\":".getBytes(US_ASCII);
    private static final byte[] RECEIVED = ",\"received\":".getBytes(US_ASCII);
    private static final Name REFERER = new Name(",\"referer\":");
    private static final Name AGENT = new Name(",\"agent\":");
    private static final Name QUEUE = new Name(",\"queue\":");
    private static final Name WORKER = new Name(",\"worker\":");
    private static final Name GROUP = new Name(",\"group\":");
    private static final Name ROUTE = new Name(",\"route\":");
    private static final Name WORKER_TIME = new Name(",\"worker_time\":");
    private static final Name TOTAL = new Name(",\"total\":");
    private static final Name ID = new Name(",\"id\":");
    private static final byte[] TRACE = ",\"trace\":\"".getBytes(US_ASCII);
    private static final Name CUT = new Name(",\"cut\":");
    private static final byte[] END = "}\n".getBytes(US_ASCII);

    /** What stands before a value, as few pieces as can be: before a number, before a text with its quote, and with what is not known. */
    private static final class Name {
        final byte[] plain;
        final byte[] quoted;
        final byte[] unknown;

        Name(String text) {
            plain = text.getBytes(US_ASCII);
            quoted = (text + '"').getBytes(US_ASCII);
            unknown = (text + "null").getBytes(US_ASCII);
        }
    }

    private final SecondClock clock =
            new SecondClock(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT), ZoneOffset.UTC);
    private final QueryMask mask;

    JsonAccessEncoder(QueryMask mask) {
        this.mask = mask;
    }

    @Override
    public void encode(AccessEntry entry, LineBytes line) {
        line.put(TIME);
        line.put(clock.at(entry.wallMillis));
        line.put('.');
        line.digits(Math.floorMod(entry.wallMillis, SecondClock.MILLIS), 3);
        text(line, CLIENT, entry.client, 0, entry.client.length);
        text(line, USER, entry.user, 0, entry.user.length);
        request(entry.head, line);
        line.put(STATUS);
        line.digits(entry.status);
        line.put(SENT);
        line.digits(entry.sentBytes);
        line.put(RECEIVED);
        line.digits(entry.receivedBytes);
        field(line, REFERER, entry.head, FieldSearch.REFERER);
        field(line, AGENT, entry.head, FieldSearch.USER_AGENT);
        own(entry, line);
        line.put(END);
    }

    private static void own(AccessEntry entry, LineBytes line) {
        duration(line, QUEUE, entry.queueNanos);
        text(line, WORKER, entry.worker, 0, entry.worker.length);
        text(line, GROUP, entry.group, 0, entry.group.length);
        text(line, ROUTE, entry.route, 0, entry.route.length);
        duration(line, WORKER_TIME, entry.workerNanos);
        duration(line, TOTAL, entry.totalNanos);
        text(line, ID, entry.id, entry.idStart, entry.idEnd);
        if (entry.trace.length > 0) {
            line.put(TRACE);
            EntryParts.trace(line, entry);
            line.put('"');
        }
        if (entry.cut == Cut.NONE) {
            line.put(CUT.unknown);
        } else {
            byte[] by = entry.cut.label();
            text(line, CUT, by, 0, by.length);
        }
    }

    private void request(RequestHead head, LineBytes line) {
        text(line, METHOD, head.bytes, head.methodStart, head.methodEnd);
        url(line, TARGET, head.bytes, head.targetStart, head.targetEnd, TARGET_MOST);
        line.put(VERSION);
        line.put(EntryParts.version(head));
    }

    private void field(LineBytes line, Name name, RequestHead head, byte[] wanted) {
        int field = FieldSearch.find(head, wanted);
        if (field < 0) {
            line.put(name.unknown);
        } else {
            url(line, name, head.bytes, head.valueStart[field], head.valueEnd[field], FIELD_MOST);
        }
    }

    private void url(LineBytes line, Name name, byte[] bytes, int start, int end, int most) {
        if (start == end) {
            line.put(name.unknown);
            return;
        }
        line.put(name.quoted);
        line.escaped(bytes, start, end, most, Escape.JSON, mask);
        line.put('"');
    }

    private static void text(LineBytes line, Name name, byte[] bytes, int start, int end) {
        if (start == end) {
            line.put(name.unknown);
            return;
        }
        line.put(name.quoted);
        line.escaped(bytes, start, end, WORD_MOST, Escape.JSON);
        line.put('"');
    }

    private static void duration(LineBytes line, Name name, long nanos) {
        if (nanos < 0) {
            line.put(name.unknown);
        } else {
            line.put(name.plain);
            line.seconds(nanos);
        }
    }
}
