package terpan.worker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The text that supervisor and launcher exchange: lines of {@code key=value}; {@code %} and line ends in values are escaped.
 * Rejected: JSON, whose decoder costs every start of Python several milliseconds.
 */
final class Fields {
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
}
