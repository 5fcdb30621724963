package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import terpan.http.RequestHead;
import terpan.log.LineBytes.Escape;

/** Apache's combined format with our fields as key=value behind it. */
final class CombinedEncoder implements AccessEncoder {
    private static final byte[] IDENTITY = " - ".getBytes(US_ASCII);
    private static final byte[] VERSION_10 = " HTTP/1.0".getBytes(US_ASCII);
    private static final byte[] VERSION_11 = " HTTP/1.1".getBytes(US_ASCII);
    private static final byte[] VERSION_20 = " HTTP/2.0".getBytes(US_ASCII);
    private static final byte[] RECEIVED = " in=".getBytes(US_ASCII);
    private static final byte[] QUEUE = " queue=".getBytes(US_ASCII);
    private static final byte[] WORKER = " worker=".getBytes(US_ASCII);
    private static final byte[] GROUP = " group=".getBytes(US_ASCII);
    private static final byte[] TIME = " time=".getBytes(US_ASCII);
    private static final byte[] TOTAL = " total=".getBytes(US_ASCII);
    private static final byte[] ID = " id=".getBytes(US_ASCII);
    private static final byte[] CUT = " cut=".getBytes(US_ASCII);

    private final SecondClock clock;

    CombinedEncoder(ZoneId zone) {
        clock = new SecondClock(DateTimeFormatter.ofPattern("'['dd/MMM/yyyy:HH:mm:ss Z']'", Locale.ENGLISH), zone);
    }

    @Override
    public void encode(AccessEntry entry, LineBytes line) {
        word(line, entry.client, 0, entry.client.length);
        line.put(IDENTITY);
        word(line, entry.user, 0, entry.user.length);
        line.put(' ');
        line.put(clock.at(entry.wallMillis));
        line.put(' ');
        request(entry.head, line);
        line.put(' ');
        line.digits(entry.status, 3);
        line.put(' ');
        line.digits(entry.sentBytes);
        line.put(' ');
        field(entry.head, FieldSearch.REFERER, line);
        line.put(' ');
        field(entry.head, FieldSearch.USER_AGENT, line);
        own(entry, line);
        line.put('\n');
    }

    private static void own(AccessEntry entry, LineBytes line) {
        line.put(RECEIVED);
        line.digits(entry.receivedBytes);
        line.put(QUEUE);
        duration(line, entry.queueNanos);
        line.put(WORKER);
        word(line, entry.worker, 0, entry.worker.length);
        line.put(GROUP);
        word(line, entry.group, 0, entry.group.length);
        line.put(TIME);
        duration(line, entry.workerNanos);
        line.put(TOTAL);
        duration(line, entry.totalNanos);
        line.put(ID);
        word(line, entry.id, entry.idStart, entry.idEnd);
        if (entry.cut != Cut.NONE) {
            line.put(CUT);
            line.put(entry.cut.label());
        }
    }

    private static void request(RequestHead head, LineBytes line) {
        line.put('"');
        if (head.methodEnd > head.methodStart) {
            line.escaped(head.bytes, head.methodStart, head.methodEnd, WORD_MOST, Escape.APACHE);
            line.put(' ');
            line.escaped(head.bytes, head.targetStart, head.targetEnd, TARGET_MOST, Escape.APACHE);
            line.put(head.version == 10 ? VERSION_10 : head.version == 20 ? VERSION_20 : VERSION_11);
        } else {
            line.put('-');
        }
        line.put('"');
    }

    private static void field(RequestHead head, byte[] name, LineBytes line) {
        int field = FieldSearch.find(head, name);
        line.put('"');
        if (field < 0) {
            line.put('-');
        } else {
            line.escaped(head.bytes, head.valueStart[field], head.valueEnd[field], FIELD_MOST, Escape.APACHE);
        }
        line.put('"');
    }

    private static void word(LineBytes line, byte[] bytes, int start, int end) {
        if (start == end) {
            line.put('-');
        } else {
            line.escaped(bytes, start, end, WORD_MOST, Escape.APACHE_WORD);
        }
    }

    private static void duration(LineBytes line, long nanos) {
        if (nanos < 0) {
            line.put('-');
        } else {
            line.seconds(nanos);
            line.put('s');
        }
    }
}
