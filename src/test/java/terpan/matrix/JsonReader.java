package terpan.matrix;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what our own JSON writer writes: objects, arrays, strings, whole numbers, truth values, null (as an empty text). */
public final class JsonReader {
    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    /** Maps, lists, strings, numbers, booleans. */
    public static Object read(String text) {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value();
        reader.space();
        if (reader.at != text.length()) {
            throw reader.odd();
        }
        return value;
    }

    private IllegalArgumentException odd() {
        return new IllegalArgumentException("not JSON at " + at);
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private char next() {
        space();
        return text.charAt(at);
    }

    private boolean take(char wanted) {
        boolean there = next() == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private Object value() {
        return switch (next()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> word();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        while (!take('}')) {
            take(',');
            space();
            String name = string();
            if (!take(':')) {
                throw odd();
            }
            object.put(name, value());
        }
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        at++;
        while (!take(']')) {
            take(',');
            array.add(value());
        }
        return array;
    }

    private String string() {
        if (text.charAt(at++) != '"') {
            throw odd();
        }
        StringBuilder string = new StringBuilder();
        while (text.charAt(at) != '"') {
            char character = text.charAt(at++);
            if (character != '\\') {
                string.append(character);
                continue;
            }
            char escaped = text.charAt(at++);
            if (escaped == 'u') {
                string.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                at += 4;
            } else {
                string.append(escaped);
            }
        }
        at++;
        return string.toString();
    }

    private Object word() {
        int begin = at;
        while (at < text.length() && ",]} \n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(begin, at);
        return switch (word) {
            case "null" -> "";
            case "true" -> true;
            case "false" -> false;
            default -> Long.valueOf(word);
        };
    }
}
