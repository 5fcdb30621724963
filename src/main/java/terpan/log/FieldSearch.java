package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.RequestHead;

/** Finds the two fields that an access log shows. */
public final class FieldSearch {
    static final byte[] REFERER = "referer".getBytes(US_ASCII);
    public static final byte[] USER_AGENT = "user-agent".getBytes(US_ASCII);

    private FieldSearch() {}

    /** The number of the first field of this lower-case name, or -1. */
    public static int find(RequestHead head, byte[] lowerName) {
        for (int field = 0; field < head.fieldCount; field++) {
            int start = head.nameStart[field];
            if (head.nameEnd[field] - start == lowerName.length && matches(head.bytes, start, lowerName)) {
                return field;
            }
        }
        return -1;
    }

    private static boolean matches(byte[] bytes, int start, byte[] lowerName) {
        for (int at = 0; at < lowerName.length; at++) {
            int letter = bytes[start + at];
            if (letter >= 'A' && letter <= 'Z') {
                letter |= 0x20;
            }
            if (letter != lowerName[at]) {
                return false;
            }
        }
        return true;
    }
}
