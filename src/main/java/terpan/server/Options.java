package terpan.server;

import java.util.Map;

/**
 * A server's own options as a profile reads them, by their names with dashes; the launcher refuses what makes no sense.
 *
 * @param asgi whether the application is an ASGI one
 */
record Options(Map<String, String> given, boolean asgi) {
    String text(String name, String otherwise) {
        String value = given.get(name);
        return value != null ? value : given.getOrDefault(name.replace('-', '_'), otherwise);
    }

    /** A whole number of at most seven digits. */
    int whole(String name, int otherwise) {
        return number(text(name, ""), otherwise);
    }

    /** Seconds without what is behind the point. */
    int seconds(String name, int otherwise) {
        String text = text(name, "");
        int point = text.indexOf('.');
        String whole = point < 0 ? text : text.substring(0, point);
        return number(whole, otherwise);
    }

    private static int number(String text, int otherwise) {
        return !text.isEmpty() && text.length() < 8 && text.chars().allMatch(Character::isDigit)
                ? Integer.parseInt(text)
                : otherwise;
    }
}
