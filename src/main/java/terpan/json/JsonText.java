package terpan.json;

/** Text inside of JSON strings (RFC 8259, section 7) as a terminal may show it, too: what moves a cursor or an eye is escaped. No state. */
public final class JsonText {
    private JsonText() {}

    /** The text between double quotes. */
    public static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2);
        appendQuoted(out, text);
        return out.toString();
    }

    /** Adds the text between double quotes. */
    static void appendQuoted(StringBuilder out, String text) {
        out.append('"');
        if (isPlain(text)) {
            out.append(text);
        } else {
            text.codePoints().forEach(point -> append(out, point));
        }
        out.append('"');
    }

    /** Whether it is of ASCII characters that stand for themselves, as nearly all text is. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter < ' ' || letter > '~' || letter == '"' || letter == '\\') {
                return false;
            }
        }
        return true;
    }

    /** Adds one character of a string. */
    public static void append(StringBuilder out, int point) {
        if (isOdd(point)) {
            escape(out, point);
        } else if (point == '"' || point == '\\') {
            out.append('\\').append((char) point);
        } else {
            out.appendCodePoint(point);
        }
    }

    /** Adds the escape of an odd character, six characters long. */
    public static void escape(StringBuilder out, int point) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(point >> shift & 15, 16));
        }
    }

    /** Whether a terminal, a reader of lines or a JSON parser would not take it as a plain character. */
    public static boolean isOdd(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> point <= Character.MAX_VALUE;
            default -> false;
        };
    }
}
