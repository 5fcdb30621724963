package terpan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The declaration of one setting: everything that the loader, help and reference know of it.
 *
 * @param section the table it stands in
 * @param key its key in that table
 * @param word its name as a flag, without dashes, and, in capitals behind {@code TERPAN_}, as a variable
 * @param letter its short flag, without the dash; empty: none
 * @param shape how many values it takes
 * @param kind how one value is read
 * @param standard the default as a person would write it; empty: none
 * @param computed what stands in for a default that is not fixed; empty: none
 * @param description one sentence
 */
public record Setting<T>(
        Section section,
        String key,
        String word,
        String letter,
        Shape shape,
        Kind<T> kind,
        String standard,
        String computed,
        String description) {
    /** How many values a setting takes. */
    public enum Shape {
        ONE,
        /** A list; the highest source that names it replaces the others. */
        LIST,
        /** Names with values; the sources are merged, name by name. */
        ENTRIES
    }

    /** Its name in full, such as {@code workers.count}. */
    public String name() {
        return section.key().isEmpty() ? key : section.key() + "." + key;
    }

    /** The flag with its dashes; the application is the one argument without. */
    public String flag() {
        return isArgument() ? "APP" : "--" + word;
    }

    /** Its short flag with its dash, if it has one. */
    public Optional<String> shortFlag() {
        return letter.isEmpty() ? Optional.empty() : Optional.of("-" + letter);
    }

    /** Whether it is the argument of the command instead of a flag. */
    public boolean isArgument() {
        return word.equals("app");
    }

    /** Whether it is a switch, a flag without a value. */
    public boolean isSwitch() {
        return kind.toml() == Kind.Toml.BOOLEAN;
    }

    /** Whether it takes one of a few names. */
    public boolean isChoice() {
        return kind.type().isEnum();
    }

    /** The names that it takes one of; none where it is no choice. */
    public List<String> choices() {
        return kind.choices();
    }

    /** Whether its value is a path. */
    public boolean isPath() {
        return kind.type() == Path.class;
    }

    /** Its environment variable. */
    public String variable() {
        return "TERPAN_" + word.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** The word for its value in help, such as {@code TIME}. */
    public String label() {
        return kind.label();
    }

    /** What values it takes, in words. */
    public String form() {
        return kind.form();
    }

    /** The default in words, if there is one. */
    public Optional<String> defaultText() {
        String text = computed.isEmpty() ? standard : computed;
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    static <T> Setting<T> one(
            Section section, String key, String word, Kind<T> kind, String standard, String description) {
        return new Setting<>(section, key, word, "", Shape.ONE, kind, standard, "", description);
    }

    static <T> Setting<T> list(
            Section section, String key, String word, Kind<T> kind, String standard, String description) {
        return new Setting<>(section, key, word, "", Shape.LIST, kind, standard, "", description);
    }

    static Setting<String> entries(Section section, String key, String word, String description) {
        return new Setting<>(section, key, word, "", Shape.ENTRIES, Kind.entry("NAME=VALUE"), "", "", description);
    }

    // A word stands for one setting alone; what records come with is linked anew at every start.

    @Override
    public boolean equals(Object other) {
        return other instanceof Setting<?> setting && word.equals(setting.word);
    }

    @Override
    public int hashCode() {
        return word.hashCode();
    }

    /** The same setting as it is written in another table: flag and variable stay. */
    Setting<T> in(Section otherSection, String otherKey) {
        return new Setting<>(otherSection, otherKey, word, letter, shape, kind, standard, computed, description);
    }

    /** The same with a short flag. */
    Setting<T> letter(String itsLetter) {
        return new Setting<>(section, key, word, itsLetter, shape, kind, standard, computed, description);
    }

    /** The same with a default that is not fixed, in words. */
    Setting<T> computed(String words) {
        return new Setting<>(section, key, word, letter, shape, kind, standard, words, description);
    }
}
