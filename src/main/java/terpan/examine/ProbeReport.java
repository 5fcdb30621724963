package terpan.examine;

import java.time.Duration;
import java.util.List;

/**
 * What one server did when it was measured.
 *
 * @param server its name, as configured
 * @param version its name and version, as its launcher tells
 * @param python the interpreter's version
 * @param threads threads in the worker
 * @param took how long it took
 */
public record ProbeReport(
        String server, String version, String python, int threads, List<Measured> rows, Duration took) {
    /** Whether the profile says something else than was measured. */
    public boolean differs() {
        return rows.stream().anyMatch(Measured::differs);
    }
}
