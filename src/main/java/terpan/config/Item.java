package terpan.config;

import java.nio.file.Path;

/**
 * One value as a person wrote it, not read yet.
 *
 * @param where where it stands
 * @param base the directory against which its relative paths count
 * @param entry the name before the equals sign, for settings that are entries; else empty
 * @param text the value
 * @param shown the value as a problem quotes it
 */
record Item(Where where, Path base, String entry, String text, String shown) {
    static Item quoted(Where where, Path base, String text) {
        return new Item(where, base, "", text, '"' + text + '"');
    }
}
