package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ExecutionMode;
import terpan.serve.Program;

/**
 * Puts every server through every check; {@code -Dmatrix.server=NAME} takes one server alone, {@code
 * -Dmatrix.checks=NAME,NAME} those checks, {@code -Dmatrix.preload=true} has all workers forked from a process that has imported. A server that is not installed fails
 * here: the table has no empty cell.
 */
@Tag("matrix")
final class MatrixIT {
    private static final Set<String> ONLY = Arrays.stream(
                    System.getProperty("matrix.checks", "").split(","))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());

    private static final Duration CHECK_MOST = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicNode> everyServerPassesEveryCheck() {
        return Columns.wanted().stream().map(column -> container(column, Program.python()));
    }

    /** The built-in server needs nothing but a Python, so it is tried with every one that is found. */
    @TestFactory
    Stream<DynamicNode> theBuiltInServerPassesWithEveryPython() throws Exception {
        if (Columns.wanted().stream().noneMatch(column -> column.server().equals("builtin"))) {
            return Stream.empty();
        }
        return Pythons.found().entrySet().stream()
                .map(python ->
                        container(Column.of("builtin, Python " + python.getKey(), "builtin", 1), python.getValue()));
    }

    /** The checks of a column come one after the other; some columns are worked on at once. */
    private DynamicContainer container(Column column, Path python) {
        Bench bench = new Bench(column, python, folder);
        Stream<DynamicNode> checks = Arrays.stream(Check.values())
                .filter(check -> ONLY.isEmpty() || ONLY.contains(check.name()))
                .map(check -> dynamicTest(column + ": " + check.title(), () -> cell(bench, column, check)));
        Stream<DynamicNode> end = Stream.of(dynamicTest(column + ": ends", bench::close));
        return dynamicContainer(all -> all.displayName(column.name())
                .executionMode(ExecutionMode.CONCURRENT)
                .childExecutionMode(ExecutionMode.SAME_THREAD)
                .children(Stream.concat(checks, end)));
    }

    private static void cell(Bench bench, Column column, Check check) {
        String reason = column.exceptions().getOrDefault(check, "");
        Optional<Throwable> failure = failure(bench, check);
        String said = failure.isPresent() ? "\nTerpan said:\n" + bench.lastLines() : "";
        if (failure.isPresent()) {
            bench.discard();
        }
        if (reason.isEmpty() && failure.isPresent()) {
            throw new AssertionError(
                    column + " fails: " + check.title() + ": " + failure.get().getMessage() + said, failure.get());
        }
        if (!reason.isEmpty()) {
            assertThat(failure)
                    .as(column + " is said to fail because " + reason + ", but it passes: take the exception away")
                    .isPresent();
        }
    }

    private static Optional<Throwable> failure(Bench bench, Check check) {
        try {
            assertTimeoutPreemptively(CHECK_MOST, () -> {
                check.run(bench);
                bench.assertQuiet();
            });
            return Optional.empty();
        } catch (AssertionError | Exception failed) {
            return Optional.of(failed);
        }
    }
}
