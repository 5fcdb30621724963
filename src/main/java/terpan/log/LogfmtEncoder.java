package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import terpan.http.RequestHead;
import terpan.log.LineBytes.Escape;

/** Words with values, {@code status=200}; what comes from outside stands between quotes with JSON's escapes, what is not known is left out. */
final class LogfmtEncoder implements AccessEncoder {
    private static final byte[] TIME = "time=".getBytes(US_ASCII);
    private static final byte[] CLIENT = " client=".getBytes(US_ASCII);
    private static final byte[] USER = " user=".getBytes(US_ASCII);
    private static final byte[] METHOD = " method=".getBytes(US_ASCII);
    private static final byte[] TARGET = " target=".getBytes(US_ASCII);
    private static final byte[] VERSION = " version=".getBytes(US_ASCII);
    private static final byte[] STATUS = " status=".getBytes(US_ASCII);
    private static final byte[] SENT = " sent=".getBytes(US_ASCII);
    private static final byte[] RECEIVED = " received=".getBytes(US_ASCII);
    private static final byte[] REFERER = " referer=".getBytes(US_ASCII);
    private static final byte[] AGENT = " agent=".getBytes(US_ASCII);
    private static final byte[] QUEUE = " queue=".getBytes(US_ASCII);
    private static final byte[] WORKER = " worker=".getBytes(US_ASCII);
    private static final byte[] GROUP = " group=".getBytes(US_ASCII);
    private static final byte[] ROUTE = " route=".getBytes(US_ASCII);
    private static final byte[] WORKER_TIME = " worker_time=".getBytes(US_ASCII);
    private static final byte[] TOTAL = " total=".getBytes(US_ASCII);
    private static final byte[] ID = " id=".getBytes(US_ASCII);
    private static final byte[] TRACE = " trace=".getBytes(US_ASCII);
    private static final byte[] CUT = " cut=".getBytes(US_ASCII);

    private final SecondClock clock =
            new SecondClock(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT), ZoneOffset.UTC);
    private final QueryMask mask;

    LogfmtEncoder(QueryMask mask) {
        this.mask = mask;
    }

    @Override
    public void encode(AccessEntry entry, LineBytes line) {
        line.put(TIME);
        line.put(clock.at(entry.wallMillis));
        line.put('.');
        line.digits(Math.floorMod(entry.wallMillis, SecondClock.MILLIS), 3);
        line.put('Z');
        text(line, CLIENT, entry.client, 0, entry.client.length, WORD_MOST);
        text(line, USER, entry.user, 0, entry.user.length, WORD_MOST);
        RequestHead head = entry.head;
        text(line, METHOD, head.bytes, head.methodStart, head.methodEnd, WORD_MOST);
        text(line, TARGET, head.bytes, head.targetStart, head.targetEnd, TARGET_MOST);
        if (EntryParts.isRead(head)) {
            line.put(VERSION);
            line.put(EntryParts.version(head));
        }
        number(line, STATUS, entry.status);
        number(line, SENT, entry.sentBytes);
        number(line, RECEIVED, entry.receivedBytes);
        field(line, REFERER, head, FieldSearch.REFERER);
        field(line, AGENT, head, FieldSearch.USER_AGENT);
        duration(line, QUEUE, entry.queueNanos);
        text(line, WORKER, entry.worker, 0, entry.worker.length, WORD_MOST);
        text(line, GROUP, entry.group, 0, entry.group.length, WORD_MOST);
        text(line, ROUTE, entry.route, 0, entry.route.length, WORD_MOST);
        duration(line, WORKER_TIME, entry.workerNanos);
        duration(line, TOTAL, entry.totalNanos);
        text(line, ID, entry.id, entry.idStart, entry.idEnd, WORD_MOST);
        if (entry.trace.length > 0) {
            line.put(TRACE);
            line.put('"');
            EntryParts.trace(line, entry);
            line.put('"');
        }
        if (entry.cut != Cut.NONE) {
            line.put(CUT);
            line.put(entry.cut.label());
        }
        line.put('\n');
    }

    private void field(LineBytes line, byte[] key, RequestHead head, byte[] name) {
        int field = FieldSearch.find(head, name);
        if (field >= 0) {
            text(line, key, head.bytes, head.valueStart[field], head.valueEnd[field], FIELD_MOST);
        }
    }

    private void text(LineBytes line, byte[] key, byte[] bytes, int start, int end, int most) {
        if (start < end) {
            line.put(key);
            line.put('"');
            line.escaped(bytes, start, end, most, Escape.JSON, mask);
            line.put('"');
        }
    }

    private static void number(LineBytes line, byte[] key, long number) {
        line.put(key);
        line.digits(number);
    }

    private static void duration(LineBytes line, byte[] key, long nanos) {
        if (nanos >= 0) {
            line.put(key);
            line.seconds(nanos);
        }
    }
}
