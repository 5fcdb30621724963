package terpan.http2;

/**
 * What a client says of an answer's priority (RFC 9218, section 4): urgency 0 to 7, and whether it is of use in pieces. Kept as one number: the
 * urgency, with a bit for pieces. No state.
 */
final class Priority {
    static final int URGENCIES = 8;

    /** Answers of the same urgency take turns. */
    static final int INCREMENTAL = 8;

    private static final int DEFAULT_URGENCY = 3;

    /**
     * Of a client that says nothing: answers take turns, for it does not know of priorities and waits for all of them. One that says some
     * of it gets the standard's default for the rest, which is one answer after the other.
     */
    static final int UNSAID = DEFAULT_URGENCY | INCREMENTAL;

    private Priority() {}

    static int urgency(int priority) {
        return priority & URGENCIES - 1;
    }

    /** Reads the field: members {@code u} and {@code i} of a dictionary (RFC 9651); the default where it is none. */
    static int parse(byte[] bytes, int from, int to) {
        int urgency = DEFAULT_URGENCY;
        int incremental = 0;
        int at = from;
        while (at < to) {
            while (at < to && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ',')) {
                at++;
            }
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int member = end;
            while (member > at && (bytes[member - 1] == ' ' || bytes[member - 1] == '\t')) {
                member--;
            }
            int length = member - at;
            if (length > 0 && bytes[at] == 'i' && (length == 1 || bytes[at + 1] == ';')) {
                incremental = INCREMENTAL;
            } else if (length >= 4 && bytes[at] == 'i' && bytes[at + 1] == '=' && bytes[at + 2] == '?') {
                incremental = bytes[at + 3] == '1' ? INCREMENTAL : 0;
            } else if (length >= 3 && bytes[at] == 'u' && bytes[at + 1] == '=' && urgencyIn(bytes, at + 2, member)) {
                urgency = bytes[at + 2] - '0';
            }
            at = end;
        }
        return urgency | incremental;
    }

    private static boolean urgencyIn(byte[] bytes, int at, int to) {
        return bytes[at] >= '0' && bytes[at] <= '7' && (at + 1 == to || bytes[at + 1] == ';');
    }
}
