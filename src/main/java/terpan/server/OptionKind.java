package terpan.server;

import java.util.List;

/**
 * What a server's own option may be given.
 *
 * @param expected what a person should give
 * @param pattern what all of it has to match
 * @param words all that it may be, where that is one of a few
 */
public record OptionKind(String expected, String pattern, List<String> words) {
    private OptionKind(String expected, String pattern) {
        this(expected, pattern, List.of());
    }

    /** Whatever the server makes of it. */
    static final OptionKind TEXT = new OptionKind("a text", "(?s).+");

    /** At most seven digits, which every server's integers hold. */
    static final OptionKind WHOLE = new OptionKind("a whole number, at most 9999999", "[0-9]{1,7}");

    /** A count of which there has to be one. */
    static final OptionKind POSITIVE =
            new OptionKind("a whole number from 1 on, at most 9999999", "0{0,3}[1-9][0-9]{0,6}");

    /** A size, of which there has to be some. */
    static final OptionKind BYTES = new OptionKind("a number of bytes from 1 on, at most 999999999", "[1-9][0-9]{0,8}");

    static final OptionKind SECONDS = new OptionKind("a number of seconds", "[0-9]{1,7}(\\.[0-9]{1,6})?");
    static final OptionKind SWITCH = new OptionKind("true or false", "true|false");

    /** The levels that Python's logging has. */
    static final OptionKind LOG_LEVEL = oneOf("debug", "info", "warning", "error", "critical");

    /** One of these words, none of which has a meaning in a pattern. */
    static OptionKind oneOf(String... words) {
        return new OptionKind("one of " + String.join(", ", words), String.join("|", words), List.of(words));
    }

    boolean accepts(String value) {
        return value.matches(pattern);
    }
}
