package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.ExecutionMode;
import terpan.serve.Program;
import terpan.server.Profiles;

/** Measures every server of the matrix and asks its profile to agree; with -Dterpan.golden.write=true the results are kept. */
@Tag("matrix")
final class ProbesIT {
    private final Map<String, String> printed = new ConcurrentHashMap<>();

    /** A probe waits nearly all the time, so some run at once. */
    @TestFactory
    Stream<DynamicNode> everyServerDoesWhatItsProfileSays() {
        List<Column> columns = Columns.wanted();
        DynamicNode probes = dynamicContainer(all -> all.displayName("probes")
                .executionMode(ExecutionMode.SAME_THREAD)
                .childExecutionMode(ExecutionMode.CONCURRENT)
                .children(columns.stream().map(column -> dynamicTest(column.name(), () -> probe(column)))));
        return columns.size() == Columns.ALL.size() && Boolean.getBoolean("terpan.golden.write")
                ? Stream.of(probes, dynamicTest("the results are written", this::write))
                : Stream.of(probes);
    }

    private void write() throws Exception {
        Map<String, String> ordered = new LinkedHashMap<>();
        Columns.ALL.forEach(column -> ordered.put(column.name(), printed.getOrDefault(column.name(), "")));
        Probes.write(ordered);
    }

    @Test
    void everyServerHasItsColumn() {
        assertThat(Columns.ALL.stream().map(Column::server).distinct())
                .as("a server without a line in Columns.ALL")
                .containsExactlyInAnyOrderElementsOf(Profiles.names());
    }

    @Test
    void everyColumnWasProbed() throws Exception {
        assertThat(Probes.read().keySet())
                .as("run ./check matrix -Dterpan.golden.write=true")
                .containsExactlyElementsOf(
                        Columns.ALL.stream().map(Column::name).toList());
    }

    private void probe(Column column) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("probe", column.server(), "--json"));
        arguments.addAll(column.options());
        arguments.addAll(List.of("--python", Program.python().toString()));
        Program.Ended ended = Program.run(Path.of("/"), arguments.toArray(String[]::new));
        printed.put(column.name(), ended.out());
        assertThat(ended.out())
                .as(() -> column + " printed nothing: " + ended.err())
                .isNotEmpty();
        Map<?, ?> report = (Map<?, ?>) JsonReader.read(ended.out());
        assertThat(((List<?>) report.get("measured"))
                        .stream().map(row -> (Map<?, ?>) row).filter(row -> Boolean.TRUE.equals(row.get("differs"))))
                .as(column + " differs from its profile")
                .isEmpty();
        assertThat(ended.code()).isZero();
        assertThat((Long) report.get("seconds")).isLessThan(60);
    }
}
