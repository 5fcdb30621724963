package terpan.config;

import static terpan.config.Section.LOG;
import static terpan.config.Setting.list;
import static terpan.config.Setting.one;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of logs. */
final class LogDeclarations {
    static final Setting<Level> LEVEL = one(
            LOG,
            "level",
            "log-level",
            Kind.oneOf(Level.class, Level.values()),
            "info",
            "The least level of Terpan's own lines; what workers print is always written.");
    static final Setting<LogSettings.Format> FORMAT = one(
            LOG,
            "format",
            "log-format",
            Kind.oneOf(LogSettings.Format.class, LogSettings.Format.values()),
            "auto",
            "The shape of a log line; auto is text on a terminal and JSON elsewhere.");
    static final Setting<Path> FILE =
            one(LOG, "file", "log-file", Kind.path(), "", "The log file.").computed("standard error");
    static final Setting<LogService> TO = one(
                    LOG,
                    "to",
                    "log-to",
                    service(),
                    "",
                    "Who takes the log instead of a file: journald or syslog, here or at another machine.")
            .computed("nobody");
    static final Setting<Long> ROTATE_SIZE = one(
                    LOG,
                    "rotate-size",
                    "log-rotate-size",
                    Kind.size(4L << 10, 1L << 40),
                    "",
                    "A log file that would be larger is renamed, and a new one begun; of both logs.")
            .computed("whatever the size");
    static final Setting<Duration> ROTATE_EVERY = one(
                    LOG,
                    "rotate-every",
                    "log-rotate-every",
                    Kind.time(Duration.ofMinutes(1), Duration.ofDays(366)),
                    "",
                    "The same as often as this, counted from midnight UTC.")
            .computed("never");
    static final Setting<Integer> ROTATE_KEEP = one(
            LOG,
            "rotate-keep",
            "log-rotate-keep",
            Kind.whole(1, 1_000),
            "7",
            "How many older files of a log are kept that rotate-size or rotate-every renamed.");
    static final Setting<Duration> SLOW = one(
                    LOG,
                    "slow",
                    "log-slow",
                    Kind.time(Duration.ofMillis(1), Duration.ofDays(1)),
                    "",
                    "A request that took so long has a line in the log with where its time went.")
            .computed("none has");
    static final Setting<String> MASK_QUERY = list(
                    LOG,
                    "mask-query",
                    "mask-query",
                    mask(),
                    "",
                    "A parameter of queries whose value is hidden in logs and figures; may be given several times.")
            .computed(
                    "password, passwd, secret, token, access_token, refresh_token, id_token, client_secret, api_key, apikey");
    static final Setting<String> MASK_FIELDS = list(
                    LOG,
                    "mask-fields",
                    "mask-field",
                    mask(),
                    "",
                    "A field of requests that the access log hides; may be given several times.")
            .computed("authorization, proxy-authorization, cookie, x-api-key, x-csrftoken");
    static final Setting<Boolean> ACCESS = one(
                    LOG, "access", "access-log", Kind.onOff(), "", "Whether a line is written for every request.")
            .computed("false; true with development, where standard output is a terminal");
    static final Setting<AccessFormat> ACCESS_FORMAT = one(
            LOG,
            "access-format",
            "access-log-format",
            new Kind<>(
                    AccessFormat.class,
                    Kind.Toml.STRING,
                    AccessFormat.FORM,
                    "FORMAT",
                    (text, base) -> AccessFormat.read(text)),
            "combined",
            "The shape of an access log line: combined, json, logfmt, or text with atoms of nginx or Gunicorn.");
    static final Setting<Path> ACCESS_FILE = one(
                    LOG, "access-file", "access-log-file", Kind.path(), "", "The access log file.")
            .computed("standard output");
    static final Setting<LogService> ACCESS_TO = one(
                    LOG,
                    "access-to",
                    "access-log-to",
                    service(),
                    "",
                    "Who takes the access log instead of a file, as with to.")
            .computed("nobody");
    static final Setting<AccessRule> ACCESS_RULES = list(
            LOG,
            "access-rules",
            "access-log-rule",
            new Kind<>(
                    AccessRule.class, Kind.Toml.STRING, AccessRule.FORM, "RULE", (text, base) -> AccessRule.read(text)),
            "",
            "Which requests the access log leaves out, or shows a share of; the first that fits counts; may be given several times.");

    /** What {@link #MASK_QUERY} stands for where nothing is said: what carries a secret wherever it is found. */
    static final List<String> USUAL_QUERY = List.of(MASK_QUERY.computed().split(", "));

    /** The same of {@link #MASK_FIELDS}. */
    static final List<String> USUAL_FIELDS = List.of(MASK_FIELDS.computed().split(", "));

    private LogDeclarations() {}

    /** The levels of a log. */
    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    private static Kind<LogService> service() {
        return new Kind<>(LogService.class, Kind.Toml.STRING, LogService.FORM, "SERVICE", LogService::read);
    }

    private static Kind<String> mask() {
        return Kind.text(
                "NAME",
                "a name, which may begin or end with * for any letters",
                "\\*?[^\\s*&;=?#\\p{Cntrl}]{1,64}\\*?");
    }
}
