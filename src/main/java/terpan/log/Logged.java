package terpan.log;

import ch.qos.logback.classic.Level;

/** One event on its way to whoever takes it: its text, with what only some of them want. */
final class Logged {
    /** Severities of RFC 5424, section 6.2.1. */
    static final int ERROR = 3;

    static final int WARNING = 4;
    static final int INFORMATIONAL = 6;
    static final int DEBUG = 7;

    static final byte[] NOTHING = {};

    final byte[] text;

    /** 0 to 7, 0 the worst. */
    final int severity;

    /** When it was, milliseconds since 1970. */
    final long millis;

    /** More fields of journald's protocol, as they are sent; empty where another takes it. */
    final byte[] fields;

    Logged(byte[] text, int severity, long millis, byte[] fields) {
        this.text = text;
        this.severity = severity;
        this.millis = millis;
        this.fields = fields;
    }

    static int severity(Level level) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            return ERROR;
        }
        if (level.isGreaterOrEqual(Level.WARN)) {
            return WARNING;
        }
        return level.isGreaterOrEqual(Level.INFO) ? INFORMATIONAL : DEBUG;
    }
}
