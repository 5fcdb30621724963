package terpan.serve;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws what tmux captured of a terminal, with its styles, as a picture in SVG. */
final class TerminalPicture {
    private static final Pattern STYLE = Pattern.compile("\u001b\\[([0-9;]*)m");
    private static final double CELL = 8.4;
    private static final int LINE = 18;
    private static final int MARGIN = 12;
    private static final String BACKGROUND = "#16181d";
    private static final String TEXT = "#d8dade";

    private final StringBuilder svg = new StringBuilder();
    private String colour = TEXT;
    private boolean strong;
    private boolean faint;
    private boolean reversed;

    private TerminalPicture() {}

    /** Of a screen with so many columns, captured with its styles. */
    static String draw(String styled, int columns, String title) {
        TerminalPicture picture = new TerminalPicture();
        String[] lines = styled.stripTrailing().split("\n", -1);
        picture.svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%d\" role=\"img\" aria-label=\"%s\">%n",
                columns * CELL + 2 * MARGIN,
                lines.length * LINE + 2 * MARGIN,
                title));
        picture.svg.append("<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"" + BACKGROUND + "\"/>\n");
        picture.svg.append("<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n");
        for (int row = 0; row < lines.length; row++) {
            picture.line(lines[row], MARGIN + row * LINE);
        }
        return picture.svg.append("</g>\n</svg>\n").toString();
    }

    private void line(String line, int top) {
        Matcher style = STYLE.matcher(line);
        int at = 0;
        int column = 0;
        while (style.find()) {
            column = piece(line.substring(at, style.start()), column, top);
            for (String code : style.group(1).split(";", -1)) {
                apply(code.isEmpty() ? 0 : Integer.parseInt(code));
            }
            at = style.end();
        }
        piece(line.substring(at), column, top);
    }

    private void apply(int code) {
        switch (code) {
            case 0 -> {
                colour = TEXT;
                strong = false;
                faint = false;
                reversed = false;
            }
            case 1 -> strong = true;
            case 2 -> faint = true;
            case 7 -> reversed = true;
            case 22 -> {
                strong = false;
                faint = false;
            }
            case 27 -> reversed = false;
            case 31 -> colour = "#ff7b72";
            case 32 -> colour = "#7bd88f";
            case 33 -> colour = "#f2c864";
            case 39 -> colour = TEXT;
            case 49 -> {} // the background that all has
            default -> throw new IllegalArgumentException("style " + code);
        }
    }

    private int piece(String text, int column, int top) {
        double left = MARGIN + column * CELL;
        double width = text.length() * CELL;
        if (reversed && !text.isEmpty()) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                    left,
                    top,
                    width,
                    LINE,
                    colour));
        }
        if (!text.isBlank()) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" fill=\"%s\"%s%s xml:space=\"preserve\">%s</text>%n",
                    left,
                    top + 13,
                    width,
                    reversed ? BACKGROUND : colour,
                    strong ? " font-weight=\"bold\"" : "",
                    faint && !reversed ? " opacity=\"0.6\"" : "",
                    text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")));
        }
        return column + text.length();
    }
}
