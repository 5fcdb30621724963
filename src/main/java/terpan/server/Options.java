package terpan.server;

import java.util.Map;

/** A server's own options as a profile reads them, by their names with dashes; the launcher refuses what makes no sense. */
record Options(Map<String, String> given) {
    String text(String name, String otherwise) {
        String value = given.get(name);
        return value != null ? value : given.getOrDefault(name.replace('-', '_'), otherwise);
    }

    /** A whole number of at most seven digits. */
    int whole(String name, int otherwise) {
        String text = text(name, "");
        return !text.isEmpty() && text.length() < 8 && text.chars().allMatch(Character::isDigit)
                ? Integer.parseInt(text)
                : otherwise;
    }
}
