package terpan.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The text that supervisor and launcher exchange: lines of {@code key=value}; {@code %} and line ends in values are escaped.
 * Rejected: JSON, whose decoder costs every start of Python several milliseconds.
 */
final class Fields {
    /** No system has more digits; so it fits into a long. */
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,17}");

    private Fields() {}

    static String encode(Map<String, String> fields) {
        StringBuilder text = new StringBuilder();
        fields.forEach((key, value) -> text.append(text.isEmpty() ? "" : "\n")
                .append(key)
                .append('=')
                .append(value.replace("%", "%25").replace("\n", "%0A")));
        return text.toString();
    }

    static Map<String, String> decode(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                fields.put(
                        line.substring(0, equals),
                        line.substring(equals + 1).replace("%0A", "\n").replace("%25", "%"));
            }
        }
        return fields;
    }

    /** The number of a process under {@code key}; 0, which is none, for anything else. */
    static long pid(Map<String, String> fields, String key) {
        String text = fields.getOrDefault(key, "");
        return PID.matcher(text).matches() ? Long.parseLong(text) : 0;
    }
}
