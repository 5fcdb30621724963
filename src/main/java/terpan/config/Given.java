package terpan.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one source says: items by setting, and where a setting was named as a whole. A setting that was named but could not be taken in has an empty list, so that nobody
 * complains that it is missing.
 */
record Given(Map<Setting<?>, List<Item>> items, Map<Setting<?>, Where> places) {
    static Given empty() {
        return new Given(new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    void put(Setting<?> setting, Where where, List<Item> named) {
        items.put(setting, named);
        places.put(setting, where);
    }
}
