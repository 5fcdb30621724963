package terpan.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one source says: items by setting. A setting that was named but could not be taken in has an empty list, so that nobody
 * complains that it is missing.
 */
record Given(Map<Setting<?>, List<Item>> items) {
    static Given empty() {
        return new Given(new LinkedHashMap<>());
    }
}
