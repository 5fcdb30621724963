package terpan.terminal;

import terpan.json.JsonText;

/** Text as a terminal has it, in cells: what could move its cursor is escaped, wide characters take two, marks above others none. No state. */
final class Cells {
    /** Ends what was cut. */
    private static final String CUT = "..";

    /** First and last of the characters that East Asian fonts and emoji have two cells for (Unicode Standard Annex 11, W and F). */
    private static final int[][] WIDE = {
        {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf},
        {0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}
    };

    private Cells() {}

    /** The same with nothing in it that a terminal obeys or a reader does not see. */
    static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (JsonText.isOdd(point)) {
                JsonText.escape(plain, point);
            } else if (Character.getType(point) != Character.FORMAT) {
                plain.appendCodePoint(point);
            }
        });
        return plain.toString();
    }

    static int width(String plain) {
        return plain.codePoints().map(Cells::width).sum();
    }

    private static int width(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        for (int[] range : WIDE) {
            if (point >= range[0] && point <= range[1]) {
                return 2;
            }
        }
        return 1;
    }

    /** As much of it as has room; where not all has, two dots stand for the rest if there is room for them. */
    static String cut(String plain, int most) {
        if (width(plain) <= most) {
            return plain;
        }
        String end = most > 2 * CUT.length() ? CUT : "";
        StringBuilder kept = new StringBuilder();
        int left = most - end.length();
        int at = 0;
        while (at < plain.length()) {
            int point = plain.codePointAt(at);
            left -= width(point);
            if (left < 0) {
                break;
            }
            kept.appendCodePoint(point);
            at += Character.charCount(point);
        }
        return kept.append(end).toString();
    }

    /** The same with spaces behind it, so that it has so many cells; or cut to them. */
    static String left(String plain, int width) {
        String cut = cut(plain, width);
        return cut + " ".repeat(width - width(cut));
    }

    /** The same with the spaces in front. */
    static String right(String plain, int width) {
        String cut = cut(plain, width);
        return " ".repeat(width - width(cut)) + cut;
    }
}
