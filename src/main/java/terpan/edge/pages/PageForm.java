package terpan.edge.pages;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import terpan.http.Ascii;
import terpan.http.RequestHead;
import terpan.json.JsonText;

/** The forms that an answer of Terpan's own comes in; which one, the request's Accept says (RFC 9110, section 12.5.1). */
public enum PageForm {
    TEXT("txt", "text", "plain", "text/plain; charset=utf-8"),
    HTML("html", "text", "html", "text/html; charset=utf-8"),
    JSON("json", "application", "json", "application/json");

    private static final byte[] ACCEPT = "accept".getBytes(ISO_8859_1);
    private static final int RANGES_MOST = 50;
    private static final int WEIGHT_ONE = 1000;

    /** How well a media range names a form: not at all, as one of all, one of a type, by name. */
    private static final int NONE = 0;

    private static final int ALL = 1;
    private static final int TYPE = 2;
    private static final int NAME = 3;

    final String extension;
    public final String contentType;
    private final String type;
    private final String subtype;

    PageForm(String extension, String type, String subtype, String contentType) {
        this.extension = extension;
        this.type = type;
        this.subtype = subtype;
        this.contentType = contentType;
    }

    /** The form that a request wants most; of those it wants alike, one it names, else the plainer. Text if it wants none. */
    public static PageForm of(RequestHead head) {
        StringBuilder accept = new StringBuilder();
        for (int i = 0; i < head.fieldCount; i++) {
            if (Ascii.equalsIgnoreCase(head.bytes, head.nameStart[i], head.nameEnd[i], ACCEPT, 0, ACCEPT.length)) {
                accept.append(accept.isEmpty() ? "" : ",")
                        .append(new String(
                                head.bytes, head.valueStart[i], head.valueEnd[i] - head.valueStart[i], ISO_8859_1));
            }
        }
        return of(accept.toString());
    }

    /** The same for the value of an Accept. */
    public static PageForm of(String accept) {
        if (accept.isBlank()) {
            return TEXT;
        }
        String[] ranges = accept.toLowerCase(Locale.ROOT).split(",", RANGES_MOST + 1);
        PageForm best = TEXT;
        int bestScore = 0;
        for (PageForm form : values()) {
            int score = form.score(ranges);
            if (score > bestScore) {
                best = form;
                bestScore = score;
            }
        }
        return best;
    }

    /** The weight of the range that names this form best, then how well it does; 0: not wanted. */
    private int score(String[] ranges) {
        int closest = NONE;
        int weight = 0;
        for (int i = 0; i < Math.min(ranges.length, RANGES_MOST); i++) {
            String[] parts = ranges[i].split(";");
            int close = closeness(parts[0].strip());
            if (close > closest) {
                closest = close;
                weight = weight(parts);
            }
        }
        return weight == 0 ? 0 : weight * (NAME + 1) + closest;
    }

    private int closeness(String range) {
        if (range.equals(type + "/" + subtype)) {
            return NAME;
        }
        if (range.equals(type + "/*")) {
            return TYPE;
        }
        return range.equals("*/*") ? ALL : NONE;
    }

    /** The weight in thousandths; what is not one counts as none. */
    private static int weight(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                String value = parameter.substring(2);
                return value.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")
                        ? (int) Math.round(Double.parseDouble(value) * WEIGHT_ONE)
                        : 0;
            }
        }
        return WEIGHT_ONE;
    }

    /** A text so that it stands for itself in this form. */
    String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (this) {
                case TEXT -> safe.appendCodePoint(point);
                case HTML -> html(safe, point);
                case JSON -> JsonText.append(safe, point);
            }
        });
        return safe.toString();
    }

    private static void html(StringBuilder safe, int point) {
        switch (point) {
            case '&' -> safe.append("&amp;");
            case '<' -> safe.append("&lt;");
            case '>' -> safe.append("&gt;");
            case '"' -> safe.append("&quot;");
            case '\'' -> safe.append("&#39;");
            default -> safe.appendCodePoint(point);
        }
    }
}
