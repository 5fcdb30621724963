package terpan.server;

/** What a server's own option may be given. */
public enum OptionKind {
    /** Whatever the server makes of it. */
    TEXT("a text", "(?s).*"),
    /** At most seven digits, which every server's integers hold. */
    WHOLE("a whole number", "[0-9]{1,7}"),
    /** A count of which there has to be one. */
    POSITIVE("a whole number from 1 on", "0*[1-9][0-9]{0,6}"),
    SECONDS("a number of seconds", "[0-9]{1,7}(\\.[0-9]{1,6})?"),
    SWITCH("true or false", "true|false"),
    GUNICORN_CLASS("one of sync, gthread, gevent, meinheld", "sync|gthread|gevent|meinheld");

    private final String expected;
    private final String pattern;

    OptionKind(String expected, String pattern) {
        this.expected = expected;
        this.pattern = pattern;
    }

    /** What a person should give. */
    String expected() {
        return expected;
    }

    boolean accepts(String value) {
        return value.matches(pattern);
    }
}
