package terpan.terminal;

import java.util.ArrayList;
import java.util.List;

/** One line of a picture: pieces with a style each, every one of them free of what a terminal obeys. For one thread. */
final class Line {
    private record Piece(Style style, String text) {}

    private final List<Piece> pieces = new ArrayList<>();
    private boolean reversed;

    /** A line of one piece. */
    static Line of(Style style, String text) {
        return new Line().add(style, text);
    }

    static Line of(String text) {
        return of(Style.PLAIN, text);
    }

    /** Adds a piece, escaped. */
    Line add(Style style, String text) {
        pieces.add(new Piece(style, Cells.plain(text)));
        return this;
    }

    Line add(String text) {
        return add(Style.PLAIN, text);
    }

    /** It stands out from edge to edge. */
    Line reverse() {
        reversed = true;
        return this;
    }

    /** Its text alone. */
    String text() {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text));
        return text.toString().stripTrailing();
    }

    /** What a terminal so wide is sent for it: nothing of it is beyond its edge. */
    String drawn(int width, Looks looks) {
        StringBuilder drawn = new StringBuilder();
        int left = width;
        for (Piece piece : pieces) {
            String shown = Cells.cut(piece.text, left);
            left -= Cells.width(shown);
            styled(drawn, reversed ? Style.REVERSE : piece.style, shown, looks);
        }
        if (reversed) {
            styled(drawn, Style.REVERSE, " ".repeat(left), looks);
        }
        return drawn.toString();
    }

    private static void styled(StringBuilder drawn, Style style, String text, Looks looks) {
        String code = style.code(looks);
        if (code.isEmpty() || text.isEmpty()) {
            drawn.append(text);
        } else {
            drawn.append("\u001b[").append(code).append('m').append(text).append("\u001b[0m");
        }
    }
}
