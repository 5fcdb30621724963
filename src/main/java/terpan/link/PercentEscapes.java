package terpan.link;

/** Decodes percent-escapes; what is no escape stands as it is. */
final class PercentEscapes {
    private PercentEscapes() {}

    /** Decodes into an array of at least the same length and gives the bytes written. */
    static int decode(byte[] from, int start, int end, byte[] into) {
        int to = 0;
        for (int i = start; i < end; i++) {
            int high = from[i] == '%' && i + 2 < end ? Character.digit(from[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(from[i + 2], 16) : -1;
            if (low >= 0) {
                into[to++] = (byte) ((high << 4) | low);
                i += 2;
            } else {
                into[to++] = from[i];
            }
        }
        return to;
    }
}
