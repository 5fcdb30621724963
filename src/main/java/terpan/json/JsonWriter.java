package terpan.json;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Writes one JSON value: objects, arrays, strings, numbers, in the order of the calls; a wrong order fails at once. */
public final class JsonWriter {
    private static final int DEPTH_MOST = 16;
    private static final char OBJECT = '}';
    private static final char ARRAY = ']';

    private final StringBuilder out = new StringBuilder();
    private final char[] open = new char[DEPTH_MOST];
    private int depth;
    private boolean commaDue;
    private boolean nameOpen;

    public JsonWriter beginObject() {
        return begin('{', OBJECT);
    }

    public JsonWriter endObject() {
        return end(OBJECT);
    }

    public JsonWriter beginArray() {
        return begin('[', ARRAY);
    }

    public JsonWriter endArray() {
        return end(ARRAY);
    }

    /** The name of the object's next value. */
    public JsonWriter name(String name) {
        if (depth == 0 || open[depth - 1] != OBJECT || nameOpen) {
            throw new IllegalStateException("a name is not expected here: " + name);
        }
        comma();
        quoted(name);
        out.append(':');
        nameOpen = true;
        return this;
    }

    public JsonWriter value(String text) {
        beforeValue();
        quoted(text);
        return this;
    }

    public JsonWriter value(long number) {
        beforeValue();
        out.append(number);
        return this;
    }

    public JsonWriter value(boolean truth) {
        beforeValue();
        out.append(truth);
        return this;
    }

    /** A number with six places, never in exponents. */
    public JsonWriter value(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("JSON has no number " + number);
        }
        beforeValue();
        out.append(String.format(Locale.ROOT, "%.6f", number));
        return this;
    }

    public JsonWriter nothing() {
        beforeValue();
        out.append("null");
        return this;
    }

    public JsonWriter value(OptionalLong number) {
        return number.isPresent() ? value(number.getAsLong()) : nothing();
    }

    public JsonWriter value(OptionalDouble number) {
        return number.isPresent() ? value(number.getAsDouble()) : nothing();
    }

    /** The whole text, once everything is closed. */
    public String text() {
        if (depth != 0 || out.isEmpty()) {
            throw new IllegalStateException("not complete: " + out);
        }
        return out.toString();
    }

    private JsonWriter begin(char bracket, char closing) {
        beforeValue();
        out.append(bracket);
        open[depth++] = closing;
        commaDue = false;
        return this;
    }

    private JsonWriter end(char closing) {
        if (depth == 0 || open[depth - 1] != closing || nameOpen) {
            throw new IllegalStateException("nothing to close with " + closing);
        }
        depth--;
        out.append(closing);
        commaDue = true;
        return this;
    }

    private void beforeValue() {
        if (depth == 0 ? !out.isEmpty() : open[depth - 1] == OBJECT && !nameOpen) {
            throw new IllegalStateException("a value is not expected here");
        }
        if (!nameOpen) {
            comma();
        }
        nameOpen = false;
        commaDue = true;
    }

    private void comma() {
        if (commaDue) {
            out.append(',');
            commaDue = false;
        }
    }

    private void quoted(String text) {
        JsonText.appendQuoted(out, text);
    }
}
