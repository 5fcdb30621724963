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

    /**
     * Reads a date in any of the forms that recipients have to take (RFC 9110, section 5.6.7): of today, of RFC 850, of asctime.
     *
     * @return seconds since 1970; -1 where it is no date, or an earlier one
     */
    public static long read(byte[] bytes, int from, int to) {
        int comma = from;
        while (comma < to && bytes[comma] != ',') {
            comma++;
        }
        int length = to - from;
        if (comma == from + 3 && length == LENGTH) {
            return bytes[from + 7] == ' ' && bytes[from + 11] == ' ' && isGmt(bytes, from + 25)
                    ? seconds(bytes, from + 5, from + 8, four(bytes, from + 12), from + 17)
                    : -1;
        }
        if (comma < to && to - comma == 24) {
            boolean well = bytes[comma + 4] == '-' && bytes[comma + 8] == '-' && isGmt(bytes, comma + 20);
            int year = two(bytes, comma + 9);
            return well && year >= 0
                    ? seconds(bytes, comma + 2, comma + 5, year < 70 ? 2000 + year : 1900 + year, comma + 12)
                    : -1;
        }
        if (comma == to && length == 24 && bytes[from + 3] == ' ' && bytes[from + 19] == ' ') {
            return seconds(bytes, from + 8, from + 4, four(bytes, from + 20), from + 11);
        }
        return -1;
    }

    private static boolean isGmt(byte[] bytes, int at) {
        return bytes[at] == ' ' && bytes[at + 1] == 'G' && bytes[at + 2] == 'M' && bytes[at + 3] == 'T';
    }

    private static long seconds(byte[] bytes, int dayAt, int monthAt, int year, int timeAt) {
        int day = bytes[dayAt] == ' ' ? two((byte) '0', bytes[dayAt + 1]) : two(bytes, dayAt);
        int hour = two(bytes, timeAt);
        int minute = two(bytes, timeAt + 3);
        int second = two(bytes, timeAt + 6);
        int month = month(bytes, monthAt);
        boolean separated = bytes[timeAt - 1] == ' ' && bytes[timeAt + 2] == ':' && bytes[timeAt + 5] == ':';
        boolean within = day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
        if (!separated || !within || second < 0 || second > 60 || month < 0 || year < 1970) {
            return -1;
        }
        // Years begin in March here, as above.
        int marchYear = month < 2 ? year - 1 : year;
        int marchMonth = (month + 10) % 12;
        long days = 365L * marchYear
                + marchYear / 4
                - marchYear / 100
                + marchYear / 400
                + (153 * marchMonth + 2) / 5
                + day
                - 1;
        return (days - EPOCH) * 86_400L + hour * 3600L + minute * 60L + second;
    }

    private static int month(byte[] bytes, int at) {
        for (int month = 0; month < 12; month++) {
            if (MONTHS[3 * month] == bytes[at]
                    && MONTHS[3 * month + 1] == bytes[at + 1]
                    && MONTHS[3 * month + 2] == bytes[at + 2]) {
                return month;
            }
        }
        return -1;
    }

    private static int four(byte[] bytes, int at) {
        int century = two(bytes, at);
        int year = two(bytes, at + 2);
        return century < 0 || year < 0 ? -1 : 100 * century + year;
    }

    private static int two(byte[] bytes, int at) {
        return two(bytes[at], bytes[at + 1]);
    }

    private static int two(byte tens, byte ones) {
        return Ascii.isDigit(tens) && Ascii.isDigit(ones) ? 10 * (tens - '0') + ones - '0' : -1;
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
