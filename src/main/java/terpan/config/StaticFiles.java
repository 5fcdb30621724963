package terpan.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Files that are answers to requests for a path and those below it.
 *
 * @param path begins with a slash; ends with one where it is a directory's
 * @param place the directory, or the one file, absolute
 * @param single whether it is one file
 * @param index the name of the file that is the answer for a directory; empty: none is
 * @param fallback whether the application is asked where there is no file
 * @param maxAge how long clients may keep a file without asking; empty: nothing is said of it
 * @param immutable which names tell what is in the file, so that it never changes
 * @param nosniff whether clients are told not to guess types
 */
public record StaticFiles(
        String path,
        Path place,
        boolean single,
        Optional<String> index,
        boolean fallback,
        Optional<Duration> maxAge,
        Immutable immutable,
        boolean nosniff) {
    /** Which names are those of files that never change. */
    public enum Immutable {
        /** Those with a hash in them. */
        AUTO,
        ALL,
        NONE
    }

    static final String FORM =
            "a table with path and directory (or file), and perhaps index, fallback, max-age, immutable and nosniff; or PATH=DIRECTORY";
    static final String FORM_INTERNAL = "a table with path and directory, or PATH=DIRECTORY";

    private static final Pattern PATH = Pattern.compile("/([^/.?#%\\s\\\\\\p{Cntrl}][^/?#%\\s\\\\\\p{Cntrl}]*(/|$))*");
    private static final Pattern WELL_KNOWN = Pattern.compile("/\\.well-known/([^/.?#%\\s\\\\][^/?#%\\s\\\\]*(/|$))*");
    private static final Pattern NAME = Pattern.compile("[^/.\\\\\\p{Cntrl}][^/\\\\\\p{Cntrl}]*");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final List<String> KEYS =
            List.of("path", "directory", "file", "index", "fallback", "max-age", "immutable", "nosniff");

    /** A table as it is written in one line: each key with its value, a comma between them. */
    static String line(Map<String, Object> table) {
        List<String> parts = new ArrayList<>();
        table.forEach((key, value) ->
                parts.add(escaped(key) + "=" + escaped(String.valueOf(value)).replace("\n", " ")));
        return String.join(",", parts);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
    }

    /** One whose text is that of a table, or PATH=DIRECTORY with what else is said behind commas. */
    static Parsed<StaticFiles> read(String text, Path base) {
        return keys(text, KEYS).then(keys -> of(keys, base));
    }

    /** The same for files that only the application's answers name. */
    static Parsed<StaticFiles> readInternal(String text, Path base) {
        return keys(text, List.of("path", "directory")).then(keys -> of(keys, base));
    }

    private static Parsed<Map<String, String>> keys(String text, List<String> known) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String part : apart(text, ',')) {
            List<String> sides = apart(part, '=');
            String key = unescaped(sides.getFirst()).strip();
            String value = sides.size() < 2
                    ? "true"
                    : unescaped(part.substring(sides.getFirst().length() + 1));
            if (keys.isEmpty() && key.startsWith("/") && sides.size() > 1) {
                keys.put("path", key);
                keys.put("directory", value);
            } else if (!known.contains(key)) {
                return Parsed.bad("\"" + key + "\" is no known key, expected " + String.join(", ", known)
                        + Nearest.hint(key, known, "\""));
            } else if (keys.put(key, value) != null) {
                return Parsed.bad("it has " + key + " twice, expected it once");
            }
        }
        return Parsed.good(keys);
    }

    /** Splits at a mark that no backslash stands before. */
    private static List<String> apart(String text, char mark) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == mark) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unescaped(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }

    private static Parsed<StaticFiles> of(Map<String, String> keys, Path base) {
        String path = keys.getOrDefault("path", "");
        boolean single = keys.containsKey("file");
        if (!PATH.matcher(path).matches() && !WELL_KNOWN.matcher(path).matches()) {
            return Parsed.bad("its path is \"" + path
                    + "\", expected one as clients ask for it, without escapes, such as path = \"/static/\"");
        }
        if (single == keys.containsKey("directory")) {
            return Parsed.bad("it has " + (single ? "both" : "neither") + " directory and file, expected one of them");
        }
        if (single && (path.endsWith("/") || keys.containsKey("index"))) {
            return Parsed.bad("it is one file, expected no slash at the end of its path, and no index");
        }
        Path place;
        try {
            String named = keys.getOrDefault(single ? "file" : "directory", "");
            if (named.isBlank()) {
                return Parsed.bad("its " + (single ? "file" : "directory") + " is empty, expected a path");
            }
            place = base.resolve(named).normalize();
        } catch (InvalidPathException none) {
            return Parsed.bad("its directory can be none on this machine: " + none.getReason());
        }
        String index = switch (keys.getOrDefault("index", "false")) {
            case "true" -> "index.html";
            case "false" -> "";
            default -> keys.getOrDefault("index", "");
        };
        if (!index.isEmpty() && !NAME.matcher(index).matches()) {
            return Parsed.bad("its index is \"" + index + "\", expected the name of a file, such as index.html");
        }
        String directoryPath = single || path.endsWith("/") ? path : path + "/";
        Optional<String> named = index.isEmpty() ? Optional.empty() : Optional.of(index);
        return truth(keys, "fallback")
                .then(fallback -> truth(keys, "nosniff")
                        .then(nosniff -> immutable(keys)
                                .then(immutable -> age(keys)
                                        .then(age -> Parsed.good(new StaticFiles(
                                                directoryPath,
                                                place,
                                                single,
                                                named,
                                                fallback,
                                                age,
                                                immutable,
                                                nosniff))))));
    }

    private static Parsed<Boolean> truth(Map<String, String> keys, String key) {
        return switch (keys.getOrDefault(key, "false")) {
            case "true" -> Parsed.good(true);
            case "false" -> Parsed.good(false);
            default -> Parsed.bad("its " + key + " is \"" + keys.get(key) + "\", expected true or false");
        };
    }

    private static Parsed<Immutable> immutable(Map<String, String> keys) {
        String word = keys.getOrDefault("immutable", "auto");
        for (Immutable one : Immutable.values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(word)) {
                return Parsed.good(one);
            }
        }
        return Parsed.bad("its immutable is \"" + word + "\", expected auto (names with a hash), all or none");
    }

    private static Parsed<Optional<Duration>> age(Map<String, String> keys) {
        if (!keys.containsKey("max-age")) {
            return Parsed.good(Optional.empty());
        }
        return Units.time(keys.getOrDefault("max-age", ""))
                .then(age -> age.compareTo(LONGEST) > 0
                        ? Parsed.bad("its max-age is longer than 3,650 days")
                        : Parsed.good(Optional.of(age)));
    }
}
