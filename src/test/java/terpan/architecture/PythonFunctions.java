package terpan.architecture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of Python functions by indentation: a function ends with the last line indented deeper than its {@code def}. */
final class PythonFunctions {
    /** A function with its length in lines, its {@code def} line counted, nested functions counted with it. */
    record Function(String name, int lines) {}

    private static final Pattern DEFINITION = Pattern.compile("(\\s*)(?:async )?def (\\w+).*");

    private record Open(String name, int indent, int first) {}

    private PythonFunctions() {}

    static List<Function> in(List<String> lines) {
        List<Function> functions = new ArrayList<>();
        Deque<Open> open = new ArrayDeque<>();
        int last = 0;
        for (int number = 0; number < lines.size(); number++) {
            String line = lines.get(number);
            // A closing bracket at the def's own indent belongs to its parameter list.
            if (line.isBlank() || line.stripLeading().startsWith(")")) {
                continue;
            }
            int indent = line.length() - line.stripLeading().length();
            while (!open.isEmpty() && indent <= open.getLast().indent) {
                close(open, last, functions);
            }
            Matcher definition = DEFINITION.matcher(line);
            if (definition.matches()) {
                open.add(new Open(definition.group(2), indent, number));
            }
            last = number;
        }
        while (!open.isEmpty()) {
            close(open, last, functions);
        }
        return functions;
    }

    private static void close(Deque<Open> open, int last, List<Function> functions) {
        Open function = open.removeLast();
        functions.add(new Function(function.name, last - function.first + 1));
    }
}
