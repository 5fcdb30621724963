package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;
import terpan.worker.LoggedLines;
import terpan.worker.WorkerLine;

@Isolated
final class TracebacksTest {
    private final List<String> plain = new ArrayList<>();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final Tracebacks tracebacks = new Tracebacks(line -> plain.add(line.text()), later::add, later::add);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(LoggedLines.LOGGER);

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(logged);
    }

    private void lines(String... lines) {
        for (String line : lines) {
            tracebacks.line(new WorkerLine("builtin-1", "", line));
        }
    }

    private void timePasses() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    private Map<String, String> record(int number) {
        Map<String, String> values = new TreeMap<>();
        logged.list.get(number).getKeyValuePairs().forEach(pair -> values.put(pair.key, String.valueOf(pair.value)));
        return values;
    }

    @Test
    void aChainOfTracebacksIsOneRecordAndWhatFollowsIsNot() {
        lines("before", "Traceback (most recent call last):", "  File \"a\"", "KeyError: 'a'", "");
        lines("During handling of the above exception, another exception occurred:", "");
        lines("Traceback (most recent call last):", "  File \"b\"", "ValueError: b", "after");
        timePasses();
        assertThat(plain).containsExactly("before", "after");
        assertThat(logged.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel().toString()).isEqualTo("ERROR");
            assertThat(event.getFormattedMessage()).isEqualTo("ValueError: b");
        });
        assertThat(record(0).get("traceback"))
                .contains("KeyError: 'a'\n\nDuring")
                .endsWith("ValueError: b");
    }

    @Test
    void onesThatEndTheOutputStandWhenNothingMoreComes() {
        lines("Traceback (most recent call last):", "  File \"a\"", "KeyError: 'a'");
        assertThat(logged.list).isEmpty();
        timePasses();
        assertThat(logged.list).hasSize(1);
        timePasses();
        assertThat(logged.list).hasSize(1);
    }

    @Test
    void onesWithoutEndAreBounded() {
        lines("Traceback (most recent call last):");
        lines(" x".repeat(20_000), " y");
        tracebacks.flush();
        assertThat(logged.list).hasSize(1);
        assertThat(plain).hasSize(1);
    }

    @Test
    void eachRequestsLinesAreTheirOwnRecordAndOnesThatNeverEndTakeNoPlaceForEver() {
        for (String line : List.of("Traceback (most recent call last):", "  File \"a\"", "KeyError: 'a'")) {
            for (int request = 0; request < 3; request++) {
                tracebacks.line(new WorkerLine("builtin-1", "1-" + request, line + " of " + request));
                tracebacks.line(new WorkerLine("builtin-1", "2-" + request, line));
            }
        }
        timePasses();
        assertThat(plain).hasSize(9);
        assertThat(logged.list).hasSize(3);
        assertThat(record(0)).containsEntry("request", "2-0");
        assertThat(record(2)).containsEntry("request", "2-2").containsEntry("worker", "builtin-1");
        for (int request = 0; request < 1_024; request++) {
            tracebacks.line(new WorkerLine("w", "3-" + request, "Traceback (most recent call last):"));
            tracebacks.line(new WorkerLine("w", "3-" + request, "  File \"a\""));
        }
        tracebacks.line(new WorkerLine("w", "4-0", "Traceback (most recent call last):"));
        assertThat(plain).as("no place for another").hasSize(10);
        timePasses();
        assertThat(logged.list).hasSize(3 + 1_024);
        tracebacks.line(new WorkerLine("w", "4-1", "Traceback (most recent call last):"));
        timePasses();
        assertThat(plain).hasSize(10);
    }

    @Test
    void anAnswerFindsTheLineOfItsFailureWhicheverIsFirst() {
        lines("terpan: raised: 7-1 GET /a T%0AX: a%25");
        assertThat(tracebacks.raised("7-1 T%0AX: a%25", "w", "id-1", "4bf92f3577b34da6a3ce929d0e0e4736", "GET", "/a"))
                .isEqualTo("T\nX: a%");
        tracebacks.raised("7-2 T%0AX: b", "w", "id-2", "", "PUT", "/b");
        lines("terpan: raised: 7-2 PUT /b T%0AX: b");
        timePasses();
        assertThat(logged.list).hasSize(2);
        assertThat(record(0))
                .containsEntry("request", "id-1")
                .containsEntry("trace", "4bf92f3577b34da6a3ce929d0e0e4736")
                .containsEntry("target", "/a")
                .containsEntry("worker", "builtin-1")
                .containsEntry("traceback", "T\nX: a%");
        assertThat(record(1))
                .containsEntry("request", "id-2")
                .containsEntry("method", "PUT")
                .doesNotContainKey("trace");
    }

    @Test
    void aFailureThatNobodyWaitsForHasARequestOnlyWhereItsWorkerSaysWhich() {
        lines("terpan: raised: 7-1 GET /a T%0AX: a");
        tracebacks.line(new WorkerLine("w", "1-2", "terpan: raised: 7-2 GET /b T%0AX: b"));
        timePasses();
        assertThat(record(0)).containsEntry("target", "/a").doesNotContainKey("request");
        assertThat(record(1)).containsEntry("target", "/b").containsEntry("request", "1-2");
    }

    @Test
    void aLineMayHaveTheRequestsTraceAndNothingElseInItsPlace() {
        lines("terpan: raised: 7-1/4bf92f3577b34da6a3ce929d0e0e4736 GET /a T%0AX: a");
        lines("terpan: raised: -/4bf92f3577b34da6a3ce929d0e0e4736 id-1 GET /b T%0AX: b");
        lines("terpan: raised: 7-2/forged GET /a T%0AX: a");
        timePasses();
        assertThat(logged.list).hasSize(3);
        assertThat(logged.list)
                .filteredOn(event -> event.getKeyValuePairs().stream().anyMatch(pair -> pair.key.equals("trace")))
                .hasSize(2);
        assertThat(record(0)).containsEntry("request", "id-1").containsEntry("target", "/b");
    }

    @Test
    void whatIsNoneOfTheLaunchersIsALineLikeAnyOther() {
        lines("terpan: raised: 7-1", "terpan: raised: ");
        assertThat(plain).hasSize(2);
        for (int i = 0; i < 300; i++) {
            lines("terpan: raised: 8-" + i + " GET /a X%");
        }
        assertThat(logged.list).as("beyond the most that wait").hasSize(300 - 256);
        assertThat(tracebacks.raised("", "w", "id", "", "GET", "/")).isEmpty();
    }
}
