package terpan.log;

import java.time.ZoneId;
import terpan.config.AccessFormat;
import terpan.config.LogSettings;

/** Writes one entry as one line, its line feed included, without allocation. One object a loop. */
sealed interface AccessEncoder permits CombinedEncoder, JsonAccessEncoder, LogfmtEncoder, FormatEncoder {
    /** Longest line in bytes, the line feed included; what a caller has to have free. */
    int LINE_MOST = 16 * 1024;

    /** Bytes kept of the parts that come from outside, escapes counted. */
    int TARGET_MOST = 8_000;

    int FIELD_MOST = 2_000;
    int WORD_MOST = 128;

    /** One for this format, with times of this zone. */
    static AccessEncoder of(LogSettings settings, ZoneId zone) {
        AccessFormat format = settings.accessFormat();
        QueryMask mask = new QueryMask(settings.masks().query());
        return switch (format.name()) {
            case "combined" -> new CombinedEncoder(zone, mask);
            case "json" -> new JsonAccessEncoder(mask);
            case "logfmt" -> new LogfmtEncoder(mask);
            default -> new FormatEncoder(format, settings.masks(), zone, mask);
        };
    }

    void encode(AccessEntry entry, LineBytes line);
}
