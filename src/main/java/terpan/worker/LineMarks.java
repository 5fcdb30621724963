package terpan.worker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells which part of a worker's output was written for which request. Its launcher ({@code printed.py}) writes a mark before it: a word that
 * only this process and we know, so that nothing that a client says can be one; the request's id, or a hyphen for none; a space, or a bracket
 * where the request's last line goes on. It holds up to the line's end or the next mark: then that line has an end yet to come, and waits for
 * it. For the thread that reads the output.
 */
final class LineMarks {
    /** Begins a mark; the word and a space follow. */
    private static final String BEGIN = "terpan: for ";

    private static final String GOES_ON = ">";
    private static final String NONE = "-";
    private static final int UNENDED_MOST = 32;

    private final boolean marked;
    private final Pattern mark;
    private final int lineMost;
    private final BiConsumer<String, String> each;
    /** By a request's id, or nothing, the line that it has begun. */
    private final Map<String, StringBuilder> unended = new LinkedHashMap<>();

    private String request = "";

    /**
     * Of a process that was told this word; an empty one marks nothing.
     *
     * @param lineMost characters of a line that is put together
     * @param each is given a request's id, or nothing, and the text of each line
     */
    LineMarks(String word, int lineMost, BiConsumer<String, String> each) {
        this.marked = !word.isEmpty();
        this.mark = Pattern.compile(
                Pattern.quote(BEGIN + word + " ") + "([A-Za-z0-9._:/+=@~-]{1,100})([ " + GOES_ON + "])");
        this.lineMost = lineMost;
        this.each = each;
    }

    /**
     * Takes a line, or a piece of one that is too long.
     *
     * @param ends whether the line ends with it
     */
    void take(String text, boolean ends) {
        int from = 0;
        boolean goesOn = false;
        Matcher found = mark.matcher(text);
        while (marked && found.find()) {
            if (found.start() > from) {
                add(text.substring(from, found.start()));
            }
            request = found.group(1).equals(NONE) ? "" : found.group(1);
            goesOn = found.group(2).equals(GOES_ON);
            if (!goesOn) {
                end();
            }
            from = found.end();
        }
        String rest = text.substring(from);
        if (unended.containsKey(request)) {
            add(rest);
            end();
        } else if (!goesOn || !rest.isEmpty()) { // else it is the end of what was told already
            each.accept(request, rest);
        }
        if (ends) {
            request = "";
        }
    }

    /** Nothing more comes. */
    void flush() {
        List.copyOf(unended.keySet()).forEach(this::end);
    }

    private void add(String part) {
        StringBuilder line = unended.computeIfAbsent(request, _ -> new StringBuilder());
        if (line.length() + part.length() > lineMost) {
            end();
            unended.put(request, new StringBuilder(part));
        } else {
            line.append(part);
        }
        if (unended.size() > UNENDED_MOST) {
            end(unended.keySet().iterator().next());
        }
    }

    private void end() {
        end(request);
    }

    private void end(String whose) {
        StringBuilder line = unended.remove(whose);
        if (line != null) {
            each.accept(whose, line.toString());
        }
    }
}
