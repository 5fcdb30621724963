package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The Date field's value (RFC 9110, section 5.6.7), written anew once a second. One for each loop; not shared by threads. */
public final class HttpDate {
    /** Bytes of a date. */
    public static final int LENGTH = 29;

    private static final byte[] DAYS = "ThuFriSatSunMonTueWed".getBytes(US_ASCII);
    private static final byte[] MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(US_ASCII);
    private static final int DAYS_IN_400_YEARS = 146_097;

    /** Days from the first of March of the year 0 to the first of January of 1970. */
    private static final int EPOCH = 719_468;

    private final byte[] value = "Thu, 01 Jan 1970 00:00:00 GMT".getBytes(US_ASCII);
    private long second;

    /**
     * The date for a wall clock time; the array is this object's and is written again by a later call.
     *
     * @param wallMillis milliseconds since 1970, at least 0
     */
    public byte[] at(long wallMillis) {
        long now = wallMillis / 1000;
        if (now != second) {
            second = now;
            write((int) (now / 86_400), (int) (now % 86_400));
        }
        return value;
    }

    private void write(int day, int ofDay) {
        System.arraycopy(DAYS, day % 7 * 3, value, 0, 3);
        // Years begin in March here, so that the leap day is the last of its year.
        int shifted = day + EPOCH;
        int era = shifted / DAYS_IN_400_YEARS;
        int ofEra = shifted % DAYS_IN_400_YEARS;
        int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int marchMonth = (5 * ofYear + 2) / 153;
        int month = marchMonth < 10 ? marchMonth + 2 : marchMonth - 10;
        int year = era * 400 + yearOfEra + (month < 2 ? 1 : 0);
        two(5, ofYear - (153 * marchMonth + 2) / 5 + 1);
        System.arraycopy(MONTHS, month * 3, value, 8, 3);
        two(12, year / 100);
        two(14, year % 100);
        two(17, ofDay / 3600);
        two(20, ofDay / 60 % 60);
        two(23, ofDay % 60);
    }

    private void two(int at, int number) {
        value[at] = (byte) ('0' + number / 10);
        value[at + 1] = (byte) ('0' + number % 10);
    }
}
