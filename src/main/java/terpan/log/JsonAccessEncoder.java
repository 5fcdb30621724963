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
    private static final byte[] CLIENT = "Z\",\"client\":".getBytes(US_ASCII);
    private static final byte[] USER = ",\"user\":".getBytes(US_ASCII);
    private static final byte[] METHOD = ",\"method\":".getBytes(US_ASCII);
    private static final byte[] TARGET = ",\"target\":".getBytes(US_ASCII);
    private static final byte[] VERSION = ",\"version\":\"".getBytes(US_ASCII);
    private static final byte[] STATUS = "\",\"status\":".getBytes(US_ASCII);
    private static final byte[] SENT = ",\"sent\":".getBytes(US_ASCII);
    private static final byte[] RECEIVED = ",\"received\":".getBytes(US_ASCII);
    private static final byte[] REFERER = ",\"referer\":".getBytes(US_ASCII);
    private static final byte[] AGENT = ",\"agent\":".getBytes(US_ASCII);
    private static final byte[] QUEUE = ",\"queue\":".getBytes(US_ASCII);
    private static final byte[] WORKER = ",\"worker\":".getBytes(US_ASCII);
    private static final byte[] GROUP = ",\"group\":".getBytes(US_ASCII);
    private static final byte[] ROUTE = ",\"route\":".getBytes(US_ASCII);
    private static final byte[] WORKER_TIME = ",\"worker_time\":".getBytes(US_ASCII);
    private static final byte[] TOTAL = ",\"total\":".getBytes(US_ASCII);
    private static final byte[] ID = ",\"id\":".getBytes(US_ASCII);
    private static final byte[] TRACE = ",\"trace\":".getBytes(US_ASCII);
    private static final byte[] CUT = ",\"cut\":".getBytes(US_ASCII);
    private static final byte[] END = "}\n".getBytes(US_ASCII);
    private static final byte[] NULL = "null".getBytes(US_ASCII);

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
        line.put(CLIENT);
        text(line, entry.client, 0, entry.client.length, WORD_MOST);
        line.put(USER);
        text(line, entry.user, 0, entry.user.length, WORD_MOST);
        request(entry.head, line);
        line.put(STATUS);
        line.digits(entry.status);
        line.put(SENT);
        line.digits(entry.sentBytes);
        line.put(RECEIVED);
        line.digits(entry.receivedBytes);
        line.put(REFERER);
        field(entry.head, FieldSearch.REFERER, line);
        line.put(AGENT);
        field(entry.head, FieldSearch.USER_AGENT, line);
        own(entry, line);
        line.put(END);
    }

    private static void own(AccessEntry entry, LineBytes line) {
        line.put(QUEUE);
        duration(line, entry.queueNanos);
        line.put(WORKER);
        text(line, entry.worker, 0, entry.worker.length, WORD_MOST);
        line.put(GROUP);
        text(line, entry.group, 0, entry.group.length, WORD_MOST);
        line.put(ROUTE);
        text(line, entry.route, 0, entry.route.length, WORD_MOST);
        line.put(WORKER_TIME);
        duration(line, entry.workerNanos);
        line.put(TOTAL);
        duration(line, entry.totalNanos);
        line.put(ID);
        text(line, entry.id, entry.idStart, entry.idEnd, WORD_MOST);
        if (entry.trace.length > 0) {
            line.put(TRACE);
            line.put('"');
            EntryParts.trace(line, entry);
            line.put('"');
        }
        line.put(CUT);
        if (entry.cut == Cut.NONE) {
            line.put(NULL);
        } else {
            byte[] by = entry.cut.label();
            text(line, by, 0, by.length, WORD_MOST);
        }
    }

    private void request(RequestHead head, LineBytes line) {
        line.put(METHOD);
        text(line, head.bytes, head.methodStart, head.methodEnd, WORD_MOST);
        line.put(TARGET);
        url(line, head.bytes, head.targetStart, head.targetEnd, TARGET_MOST);
        line.put(VERSION);
        line.put(EntryParts.version(head));
    }

    private void field(RequestHead head, byte[] name, LineBytes line) {
        int field = FieldSearch.find(head, name);
        if (field < 0) {
            line.put(NULL);
        } else {
            url(line, head.bytes, head.valueStart[field], head.valueEnd[field], FIELD_MOST);
        }
    }

    private void url(LineBytes line, byte[] bytes, int start, int end, int most) {
        if (start == end) {
            line.put(NULL);
            return;
        }
        line.put('"');
        line.escaped(bytes, start, end, most, Escape.JSON, mask);
        line.put('"');
    }

    private static void text(LineBytes line, byte[] bytes, int start, int end, int most) {
        if (start == end) {
            line.put(NULL);
            return;
        }
        line.put('"');
        line.escaped(bytes, start, end, most, Escape.JSON);
        line.put('"');
    }

    private static void duration(LineBytes line, long nanos) {
        if (nanos < 0) {
            line.put(NULL);
        } else {
            line.seconds(nanos);
        }
    }
}
