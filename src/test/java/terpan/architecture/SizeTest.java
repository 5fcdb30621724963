package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A long file or function has a reason. A source file over 500 lines and a function over 70 has to stand in size-exceptions.txt with
 * the length that it may have and the reason, and leaves the list once it is short enough. What changes together is not divided to please a number.
 */
final class SizeTest {
    private static final int FILE_LINES = 500;
    private static final int FILE_LINES_HARD = 900;
    private static final int METHOD_LINES = 70;

    /** A list of many exceptions is no list of exceptions. */
    private static final int MOST_EXCEPTIONS = 12;

    private static final Path EXCEPTIONS =
            Repository.ROOT.resolve("src/test/java/terpan/architecture/size-exceptions.txt");

    /** A line of the list: the length it may have, and why. */
    private record Allowance(int lines, String reason) {}

    @Test
    void filesOverFiveHundredLinesAreListedWithAReasonAndDoNotGrow() {
        Map<String, Allowance> exceptions = exceptions();
        List<String> faults = new ArrayList<>();
        sources().forEach((name, lines) -> {
            Allowance exception = exceptions.get(name);
            if (lines > FILE_LINES_HARD) {
                faults.add(name + " has " + lines + " lines, at most " + FILE_LINES_HARD + " whatever the reason");
            } else if (lines > FILE_LINES && exception == null) {
                faults.add(name + " has " + lines + " lines, at most " + FILE_LINES + " without a reason");
            } else if (exception != null && lines > exception.lines) {
                faults.add(name + " grew from " + exception.lines + " to " + lines + " lines: divide it");
            }
        });
        assertThat(faults).isEmpty();
    }

    @Test
    void theListOfExceptionsHoldsOnlyWhatIsStillTooLong() {
        Map<String, Integer> sources = sources();
        Map<String, Allowance> exceptions = exceptions();
        List<String> faults = new ArrayList<>();
        Map<String, Integer> functions = functions();
        exceptions.forEach((name, exception) -> {
            boolean file = !name.contains("#");
            int lines = (file ? sources : functions).getOrDefault(name, 0);
            if (lines <= (file ? FILE_LINES : METHOD_LINES)) {
                faults.add(name + " has " + lines + " lines: take it off the list");
            }
            if (exception.reason.isBlank()) {
                faults.add(name + " is listed without a reason");
            }
        });
        assertThat(faults).isEmpty();
        assertThat(exceptions).as("exceptions").hasSizeLessThanOrEqualTo(MOST_EXCEPTIONS);
    }

    @Test
    void functionsOverSeventyLinesAreListedWithAReasonAndDoNotGrow() {
        Map<String, Allowance> exceptions = exceptions();
        List<String> faults = new ArrayList<>();
        functions().forEach((name, lines) -> {
            Allowance exception = exceptions.get(name);
            if (lines > METHOD_LINES && (exception == null || lines > exception.lines)) {
                faults.add(name + " has " + lines + " lines, at most " + METHOD_LINES + ": divide it");
            }
        });
        assertThat(faults).isEmpty();
    }

    private static Map<String, Integer> sources() {
        Map<String, Integer> sources = new LinkedHashMap<>();
        for (Path file : Repository.files(".java", ".py")) {
            sources.put(Repository.name(file), Repository.lines(file).size());
        }
        return sources;
    }

    /** Lengths by file and function, as in {@code a/File.java#method}; of overloads the longest. */
    private static Map<String, Integer> functions() {
        Map<String, Integer> functions = new LinkedHashMap<>();
        for (JavaSources.MethodLength method : new JavaSources(Repository.files(".java")).methods()) {
            functions.merge(method.file() + "#" + method.method(), method.lines(), Math::max);
        }
        for (Path file : Repository.files(".py")) {
            for (PythonFunctions.Function function : PythonFunctions.in(Repository.lines(file))) {
                functions.merge(Repository.name(file) + "#" + function.name(), function.lines(), Math::max);
            }
        }
        return functions;
    }

    private static Map<String, Allowance> exceptions() {
        Map<String, Allowance> exceptions = new LinkedHashMap<>();
        if (!Files.exists(EXCEPTIONS)) {
            return exceptions;
        }
        for (String line : Repository.lines(EXCEPTIONS)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split("\\s+", 3);
                exceptions.put(parts[1], new Allowance(Integer.parseInt(parts[0]), parts.length > 2 ? parts[2] : ""));
            }
        }
        return exceptions;
    }
}
