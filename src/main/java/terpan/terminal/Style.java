package terpan.terminal;

/** How text looks; the words say the same without it. */
enum Style {
    PLAIN("", ""),
    STRONG("1", "1"),
    FAINT("2", "2"),
    /** A row that stands out from edge to edge. */
    REVERSE("7", "7"),
    GOOD("32", ""),
    WARN("33", "1"),
    BAD("1;31", "1");

    private final String coloured;
    private final String plain;

    Style(String coloured, String plain) {
        this.coloured = coloured;
        this.plain = plain;
    }

    /** What a terminal is sent for it (ECMA-48, SGR); empty: nothing. */
    String code(Looks looks) {
        return switch (looks) {
            case NONE -> "";
            case PLAIN -> plain;
            case COLOURED -> coloured;
        };
    }
}
