package terpan.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results of the last probe run, as committed: one line for each column of the matrix. */
final class Probes {
    static final Path FILE = Path.of("docs/server-probes.json");

    /**
     * What was measured of a column's server.
     *
     * @param version the server's name and version
     * @param found what was seen, by what was looked at
     */
    record Result(String version, String python, Map<String, String> found) {
        String get(String name) {
            return found.getOrDefault(name, "");
        }

        /** The one whose name begins so. */
        String starting(String name) {
            return found.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse("");
        }
    }

    private Probes() {}

    /** Results by the column's name. */
    static Map<String, Result> read() throws IOException {
        Map<String, Result> results = new LinkedHashMap<>();
        for (Object each : (List<?>) JsonReader.read(Files.readString(FILE))) {
            Map<?, ?> line = (Map<?, ?>) each;
            Map<?, ?> probe = (Map<?, ?>) line.get("probe");
            Map<String, String> found = new LinkedHashMap<>();
            for (Object row : (List<?>) probe.get("measured")) {
                Map<?, ?> measured = (Map<?, ?>) row;
                found.put(String.valueOf(measured.get("name")), String.valueOf(measured.get("found")));
            }
            results.put(
                    String.valueOf(line.get("column")),
                    new Result(String.valueOf(probe.get("version")), String.valueOf(probe.get("python")), found));
        }
        return results;
    }

    /** Writes what {@code terpan probe --json} printed for each column. */
    static void write(Map<String, String> printed) throws IOException {
        List<String> lines = printed.entrySet().stream()
                .map(entry -> "{\"column\":\"" + entry.getKey() + "\",\"probe\":"
                        + entry.getValue().strip() + "}")
                .toList();
        Files.writeString(FILE, "[\n" + String.join(",\n", lines) + "\n]\n");
    }
}
