package terpan.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value that was read (RFC 8259): what is not there reads as empty, so that a newer or an older Terpan's answer can be shown as far as
 * it is known. Immutable. Nested at most 32 deep.
 */
public final class JsonNode {
    /** Stands for what is not there, and for null. */
    private static final JsonNode NOTHING = new JsonNode("");

    private static final int DEPTH_MOST = 32;

    /** A map of nodes by name, a list of nodes, or a text: a string, a number, true or false. */
    private final Object value;

    private JsonNode(Object value) {
        this.value = value;
    }

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException it is not JSON, or nested too deep
     */
    public static JsonNode read(String text) {
        Reader reader = new Reader(text);
        JsonNode node = reader.value(0);
        reader.space();
        if (reader.at != text.length()) {
            throw reader.odd();
        }
        return node;
    }

    /** What an object has by this name. */
    public JsonNode get(String name) {
        return value instanceof Map<?, ?> map && map.get(name) instanceof JsonNode node ? node : NOTHING;
    }

    /** Whether an object has something but null by this name. */
    public boolean has(String name) {
        return get(name) != NOTHING;
    }

    /** What an array has. */
    public List<JsonNode> each() {
        List<JsonNode> nodes = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(one -> nodes.add((JsonNode) one));
        }
        return nodes;
    }

    /** A string, or how a number or a truth value is written; empty: it is something else. */
    public String text() {
        return value instanceof String text ? text : "";
    }

    /** The {@link #text()} of what an object has by this name. */
    public String text(String name) {
        return get(name).text();
    }

    /** The number that an object has by this name; 0: none. */
    public double number(String name) {
        String text = text(name);
        return text.matches("-?[0-9]{1,18}(\\.[0-9]{1,18})?([eE][-+]?[0-9]{1,2})?") ? Double.parseDouble(text) : 0;
    }

    /** The whole part of that number. */
    public long whole(String name) {
        return (long) number(name);
    }

    /** One text being read. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        IllegalArgumentException odd() {
            return new IllegalArgumentException("not JSON at character " + at);
        }

        void space() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char next() {
            space();
            return here();
        }

        private char here() {
            if (at >= text.length()) {
                throw odd();
            }
            return text.charAt(at);
        }

        private boolean take(char wanted) {
            boolean there = next() == wanted;
            at += there ? 1 : 0;
            return there;
        }

        private void want(char wanted) {
            if (!take(wanted)) {
                throw odd();
            }
        }

        JsonNode value(int depth) {
            if (depth > DEPTH_MOST) {
                throw odd();
            }
            return switch (next()) {
                case '{' -> object(depth);
                case '[' -> array(depth);
                case '"' -> new JsonNode(string());
                default -> word();
            };
        }

        private JsonNode object(int depth) {
            Map<String, JsonNode> object = new LinkedHashMap<>();
            at++;
            while (!take('}')) {
                if (!object.isEmpty()) {
                    want(',');
                    space();
                }
                String name = string();
                want(':');
                object.put(name, value(depth + 1));
            }
            return new JsonNode(object);
        }

        private JsonNode array(int depth) {
            List<JsonNode> array = new ArrayList<>();
            at++;
            while (!take(']')) {
                if (!array.isEmpty()) {
                    want(',');
                }
                array.add(value(depth + 1));
            }
            return new JsonNode(array);
        }

        private String string() {
            want('"');
            StringBuilder string = new StringBuilder();
            while (here() != '"') {
                char character = text.charAt(at++);
                string.append(character == '\\' ? escaped() : character);
            }
            at++;
            return string.toString();
        }

        private char escaped() {
            char kind = here();
            at++;
            return switch (kind) {
                case 'u' -> hexadecimal();
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case '"', '\\', '/' -> kind;
                default -> throw odd();
            };
        }

        private char hexadecimal() {
            int code = 0;
            for (int i = 0; i < 4; i++) {
                int digit = Character.digit(here(), 16);
                if (digit < 0) {
                    throw odd();
                }
                code = code * 16 + digit;
                at++;
            }
            return (char) code;
        }

        private JsonNode word() {
            int begin = at;
            while (at < text.length() && ",]}: \t\r\n\"[{".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(begin, at);
            if (word.equals("null")) {
                return NOTHING;
            }
            if (!word.matches("true|false|-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
                throw odd();
            }
            return new JsonNode(word);
        }
    }
}
