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
    private static final byte[] RECEIVED = " in=".getBytes(US_ASCII);
    private static final byte[] QUEUE = " queue=".getBytes(US_ASCII);
    private static final byte[] WORKER = " worker=".getBytes(US_ASCII);
    private static final byte[] GROUP = " group=".getBytes(US_ASCII);
    private static final byte[] TIME = " time=".getBytes(US_ASCII);
    private static final byte[] TOTAL = " total=".getBytes(US_ASCII);
    private static final byte[] ID = " id=".getBytes(US_ASCII);
    private static final byte[] TRACE = " trace=".getBytes(US_ASCII);
    private static final byte[] CUT = " cut=".getBytes(US_ASCII);

    private final SecondClock clock;
    private final QueryMask mask;

    CombinedEncoder(ZoneId zone, QueryMask mask) {
        this.mask = mask;
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
        line.put('"');
        EntryParts.request(entry.head, line, TARGET_MOST, Escape.APACHE, mask);
        line.put('"');
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
        if (entry.trace.length > 0) {
            line.put(TRACE);
            EntryParts.trace(line, entry);
        }
        if (entry.cut != Cut.NONE) {
            line.put(CUT);
            line.put(entry.cut.label());
        }
    }

    private void field(RequestHead head, byte[] name, LineBytes line) {
        line.put('"');
        EntryParts.field(head, FieldSearch.find(head, name), line, FIELD_MOST, Escape.APACHE, mask);
        line.put('"');
    }

    private static void word(LineBytes line, byte[] bytes, int start, int end) {
        EntryParts.word(line, bytes, start, end, Escape.APACHE_WORD);
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
