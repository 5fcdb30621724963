package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import terpan.json.JsonText;

/**
 * A log line as it is put together: at most 16 KiB of UTF-8. What comes from outside is escaped, so that it can neither begin a
 * line nor move a terminal's cursor, and cut where the room ends.
 */
final class LogLine {
    static final int LINE_MOST = 16 * 1024;

    /** Kept free for what closes a line. */
    private static final int RESERVE = 64;

    /** Bytes of an escaped character. */
    private static final int ESCAPE = 6;

    private static final String CUT = "...";

    private final StringBuilder text = new StringBuilder(256);
    private int size;

    /** Adds a constant of ours, ASCII. */
    LogLine raw(String constant) {
        text.append(constant);
        size += constant.length();
        return this;
    }

    /** Adds text from outside; control characters, lone surrogates and direction marks are escaped. */
    LogLine outside(String outside) {
        return escaped(outside, false);
    }

    /** Adds text from outside between double quotes, escaped as JSON wants it. */
    LogLine quoted(String outside) {
        return raw("\"").escaped(outside, true).raw("\"");
    }

    /** Whether there is room for another part. */
    boolean hasRoom() {
        return size < LINE_MOST - 2 * RESERVE;
    }

    byte[] bytes() {
        return text.toString().getBytes(UTF_8);
    }

    private LogLine escaped(String outside, boolean quotes) {
        int at = 0;
        while (at < outside.length()) {
            int point = outside.codePointAt(at);
            int length = JsonText.isOdd(point) ? ESCAPE : utf8Length(point) + 1;
            if (size + length > LINE_MOST - RESERVE) {
                return raw(CUT);
            }
            append(point, quotes);
            at += Character.charCount(point);
        }
        return this;
    }

    private void append(int point, boolean quotes) {
        if (JsonText.isOdd(point)) {
            JsonText.escape(text, point);
            size += ESCAPE;
        } else {
            if (quotes && (point == '"' || point == '\\')) {
                raw("\\");
            }
            text.appendCodePoint(point);
            size += utf8Length(point);
        }
    }

    private static int utf8Length(int point) {
        if (point < 0x80) {
            return 1;
        }
        if (point < 0x800) {
            return 2;
        }
        return point <= Character.MAX_VALUE ? 3 : 4;
    }
}
