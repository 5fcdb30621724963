package terpan.config;

/**
 * How many workers a group has: so many, or as many as it takes between two bounds.
 *
 * @param least from 1
 * @param most the same as {@code least}: it is no range
 */
record Count(int least, int most) {
    /** Neither figure may be larger. */
    private static final int MOST = 1_024;

    private static final String FORM = "a whole number from 1 to 1,024, or a range such as \"2..8\"";

    /** Reads a number, or two with dots between them. */
    static Kind<Count> kind() {
        return new Kind<>(Count.class, Kind.Toml.INTEGER_OR_STRING, FORM, "N", (text, base) -> read(text.strip()));
    }

    private static Parsed<Count> read(String text) {
        String[] parts = text.split("\\.\\.", -1);
        if (parts.length > 2) {
            return Parsed.bad("expected " + FORM);
        }
        int least = whole(parts[0]);
        int most = whole(parts[parts.length - 1]);
        return least < 1 || most > MOST || least > most
                ? Parsed.bad("expected " + FORM)
                : Parsed.good(new Count(least, most));
    }

    /** 0: it is no number, or far too large. */
    private static int whole(String text) {
        String digits = text.strip();
        return digits.matches("\\+?[0-9]{1,9}") ? Integer.parseInt(digits) : 0;
    }
}
