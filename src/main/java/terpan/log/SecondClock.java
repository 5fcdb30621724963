package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** A moment's text, made once a second. Belongs to one loop. */
final class SecondClock {
    static final long MILLIS = 1_000;

    private final DateTimeFormatter formatter;
    private long second = Long.MIN_VALUE;
    private byte[] text = new byte[0];

    SecondClock(DateTimeFormatter formatter, ZoneId zone) {
        this.formatter = formatter.withZone(zone);
    }

    byte[] at(long wallMillis) {
        long wanted = Math.floorDiv(wallMillis, MILLIS);
        if (wanted != second) {
            second = wanted;
            text = formatter.format(Instant.ofEpochSecond(wanted)).getBytes(US_ASCII);
        }
        return text;
    }
}
