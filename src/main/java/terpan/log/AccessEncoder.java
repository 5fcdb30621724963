package terpan.log;

/** Writes one entry as one line, its line feed included, without allocation. One object a loop. */
sealed interface AccessEncoder permits CombinedEncoder, JsonAccessEncoder {
    /** Longest line in bytes, the line feed included; what a caller has to have free. */
    int LINE_MOST = 16 * 1024;

    /** Bytes kept of the parts that come from outside, escapes counted. */
    int TARGET_MOST = 8_000;

    int FIELD_MOST = 2_000;
    int WORD_MOST = 128;

    void encode(AccessEntry entry, LineBytes line);
}
