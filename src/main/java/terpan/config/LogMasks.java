package terpan.config;

import java.util.List;
import java.util.Locale;

/**
 * What logs hide of requests: the values of parameters in queries, and whole fields, by their names in small letters. A name may begin or end
 * with {@code *}, which stands for any letters.
 *
 * @param query names of parameters, without escapes
 * @param fields names of fields of requests
 */
public record LogMasks(List<String> query, List<String> fields) {
    /** Hides nothing. */
    public static final LogMasks NONE = new LogMasks(List.of(), List.of());

    public LogMasks {
        query = lower(query);
        fields = lower(fields);
    }

    private static List<String> lower(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /** Whether a field of this name is hidden. */
    public boolean hidesField(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return fields.stream().anyMatch(mask -> matches(mask, lower));
    }

    private static boolean matches(String mask, String name) {
        boolean before = mask.startsWith("*");
        boolean behind = mask.length() > 1 && mask.endsWith("*");
        String word = mask.substring(before ? 1 : 0, mask.length() - (behind ? 1 : 0));
        if (before && behind) {
            return name.contains(word);
        }
        return before ? name.endsWith(word) : behind ? name.startsWith(word) : name.equals(word);
    }
}
