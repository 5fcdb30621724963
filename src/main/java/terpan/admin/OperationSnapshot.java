package terpan.admin;

import java.util.List;
import terpan.json.JsonWriter;

/**
 * An operator's order that takes its time, at one moment.
 *
 * @param id names it in {@code /operations/ID}
 * @param state running, done or failed
 * @param steps a sentence for each step so far
 * @param failure why it failed, in lines; empty otherwise
 */
public record OperationSnapshot(String id, String state, List<String> steps, String failure) {
    /** The state of one that goes on. */
    public static final String RUNNING = "running";

    /** The state of one that did all it was asked. */
    public static final String DONE = "done";

    String json() {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("id").value(id);
        json.name("state").value(state);
        json.name("steps").beginArray();
        steps.forEach(json::value);
        json.endArray();
        json.name("failure").value(failure);
        return json.endObject().text() + "\n";
    }

    /** The state, then the steps, then the failure; each a line that begins with what it is. */
    String text() {
        StringBuilder text = new StringBuilder("state " + state + "\n");
        steps.forEach(step -> text.append("step ").append(step).append('\n'));
        failure.lines().forEach(line -> text.append("failure ").append(line).append('\n'));
        return text.toString();
    }

    /** Reads what {@link #text} wrote. */
    static OperationSnapshot read(String id, String text) {
        return new OperationSnapshot(
                id,
                String.join("", values(text, "state ")),
                values(text, "step "),
                String.join("\n", values(text, "failure ")));
    }

    private static List<String> values(String text, String what) {
        return text.lines()
                .filter(line -> line.startsWith(what))
                .map(line -> line.substring(what.length()))
                .toList();
    }
}
