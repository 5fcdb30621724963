package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that an application starts begin and end as under a plain interpreter, and leave the worker alone. */
@Timeout(120)
final class ChildrenIT {
    private static final Map<String, String> EXPECTED = new TreeMap<>(Map.of(
            "/interrupt", "-2",
            "/blocked", "0",
            "/fork?return", "0",
            "/fork?exit", "3",
            "/fork?raise", "1",
            "/fork?pieces", "0",
            "/terminate", "-15",
            "/handle", "0"));

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(
            strings = {
                "builtin",
                "builtin --threads 4",
                "waitress",
                "gunicorn",
                "gunicorn --threads 4",
                "cheroot",
                "cherrypy",
                "twisted",
                "uwsgi",
                "uwsgi --threads 4",
                "tornado",
                "tornado --threads 4",
                "uvicorn",
                "hypercorn",
                "granian",
                "gevent",
                "eventlet",
                "meinheld",
                "bjoern"
            })
    void theWorkerOutlivesThemAndEndsAsItShould(String server) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--workers", "1", "--server"));
        arguments.addAll(List.of(server.split(" ", -1)));
        Map<String, String> ended = new TreeMap<>();
        RunningTerpan terpan = RunningTerpan.serve("children:application", arguments.toArray(String[]::new));
        try (terpan) {
            String worker = worker(terpan);
            for (String target : EXPECTED.keySet()) {
                String[] words = terpan.get(target).body().split(" ", 2);
                assertThat(words[0]).as("process that answered " + target).isEqualTo(worker);
                ended.put(target, words[1]);
            }
            assertThat(ended).isEqualTo(EXPECTED);
        }
        assertThat(terpan.errors())
                .filteredOn(line -> line.contains("state=EXITED"))
                .singleElement()
                .asString()
                .contains("exit status 0 after it was asked to end");
    }

    private static String worker(RunningTerpan terpan) throws IOException {
        return terpan.get("/blocked").body().split(" ", 2)[0];
    }
}
