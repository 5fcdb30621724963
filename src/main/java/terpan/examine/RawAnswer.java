package terpan.examine;

import java.util.Locale;
import java.util.Optional;

/**
 * One HTTP answer as it came, each byte a character.
 *
 * @param status its number
 * @param head status line and fields
 * @param body its body without framing
 * @param end where the next answer would begin
 */
record RawAnswer(int status, String head, String body, int end) {
    /**
     * The answer that begins at a place, if it is whole; one without a length is whole at the end of the connection.
     *
     * @param bodiless it answers HEAD
     */
    static Optional<RawAnswer> at(int start, Received received, boolean bodiless) {
        String text = received.text();
        int blank = text.indexOf("\r\n\r\n", start);
        if (blank < 0 || !text.startsWith("HTTP/1.", start)) {
            return Optional.empty();
        }
        String head = text.substring(start, blank);
        int status = status(head);
        int begin = blank + 4;
        if (bodiless || status < 200 || status == 204 || status == 304) {
            return Optional.of(new RawAnswer(status, head, "", begin));
        }
        String length = field(head, "content-length");
        if (!length.isEmpty() && length.chars().allMatch(Character::isDigit) && length.length() < 9) {
            int end = begin + Integer.parseInt(length);
            return end > text.length()
                    ? Optional.empty()
                    : Optional.of(new RawAnswer(status, head, text.substring(begin, end), end));
        }
        if (field(head, "transfer-encoding").equalsIgnoreCase("chunked")) {
            return chunked(status, head, text, begin);
        }
        return received.ended()
                ? Optional.of(new RawAnswer(status, head, text.substring(begin), text.length()))
                : Optional.empty();
    }

    private static int status(String head) {
        String number = head.length() < 12 ? "" : head.substring(9, 12);
        return number.length() == 3 && number.chars().allMatch(Character::isDigit) ? Integer.parseInt(number) : 0;
    }

    private static Optional<RawAnswer> chunked(int status, String head, String text, int begin) {
        StringBuilder body = new StringBuilder();
        int at = begin;
        while (true) {
            int line = text.indexOf("\r\n", at);
            if (line < 0) {
                return Optional.empty();
            }
            String size = text.substring(at, line).replaceFirst(";.*", "").strip();
            if (!size.matches("[0-9A-Fa-f]{1,6}")) {
                return Optional.empty();
            }
            int length = Integer.parseInt(size, 16);
            int next = line + 2 + length + 2;
            if (next > text.length()) {
                return Optional.empty();
            }
            if (length == 0) {
                return Optional.of(new RawAnswer(status, head, body.toString(), next));
            }
            body.append(text, line + 2, line + 2 + length);
            at = next;
        }
    }

    /** A field's value, empty where there is none. */
    static String field(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }
}
