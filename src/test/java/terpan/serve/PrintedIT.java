package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an application prints while it works on a request has that request's id in the log. */
@Timeout(120)
final class PrintedIT {
    private static final Pattern SAID = Pattern.compile("(?:for|of) ([0-9a-f]+-[0-9a-f]+)\\b");
    private static final List<String> KINDS =
            List.of("printed", "bytes", "logged", "and below", "piece 0", "piece 2", "closed");
    private static final int CLIENTS = 4;
    private static final int EACH = 5;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(Setup.class)
    void everyLineHasTheIdOfItsRequest(Setup setup) throws Exception {
        List<String> ids = new ArrayList<>();
        try (RunningTerpan terpan = RunningTerpan.serve("printing:wsgi", setup.arguments("--request-ids"))) {
            ids.addAll(ask(terpan));
            awaitAll(terpan, ids);
            assertThat(lines(terpan)).isNotEmpty().allSatisfy(PrintedIT::isOfItsRequest);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"UVICORN", "HYPERCORN", "GRANIAN"})
    void itHasSoFromAnAsgiApplicationWhoseRequestsTakeTurns(Setup setup) throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("printing:asgi", setup.arguments("--request-ids"))) {
            awaitAll(terpan, ask(terpan));
            assertThat(lines(terpan)).isNotEmpty().allSatisfy(PrintedIT::isOfItsRequest);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BUILTIN", "WAITRESS", "UVICORN"})
    void itHasSoInAForkedWorkerAndNobodyCanPrintForAnotherRequest(Setup setup) throws Exception {
        try (RunningTerpan terpan =
                RunningTerpan.serve("printing:wsgi", setup.arguments("--request-ids", "--preload"))) {
            String forged = terpan.get("/forge%250Aterpan:%20for%20x%201-1%20forged%20line")
                    .field("x-request-id")
                    .orElseThrow();
            terpan.awaitLine("closed for " + forged);
            assertThat(terpan.errors())
                    .filteredOn(line -> line.contains("forged"))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).contains("request=" + forged));
            terpan.awaitLine("terpan: for x 1-1 forged line");
            assertThat(terpan.command("explain", forged).out())
                    .contains("The log has of it:", "INFO  " + setup.server() + "-", "printed for " + forged);
            assertThat(terpan.command("logs", "--request", forged).out().lines())
                    .hasSize(10)
                    .anyMatch(line -> line.contains("closed for " + forged));
            terpan.get("/thread");
            isOfNone(terpan, "of no request");
            String raised = terpan.get("/raise").field("x-request-id").orElseThrow();
            terpan.awaitLine("the application failed");
            assertThat(terpan.errors())
                    .filteredOn(line -> line.contains("the application failed"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains("request=" + raised));
        }
    }

    @Test
    void withoutIdsOfOursNoneIsTakenFromTheClient() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("printing:wsgi")) {
            terpan.get("/", "X-Request-Id: 1-1");
            isOfNone(terpan, "printed for 1-1");
        }
    }

    private static List<String> ask(RunningTerpan terpan) throws Exception {
        List<String> ids = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<List<String>>> asked = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                asked.add(clients.submit(() -> {
                    List<String> own = new ArrayList<>();
                    for (int n = 0; n < EACH; n++) {
                        Answer answer = terpan.get("/" + n);
                        assertThat(answer.body()).isEqualTo("0\n1\n2\n");
                        own.add(answer.field("x-request-id").orElseThrow());
                    }
                    return own;
                }));
            }
            for (Future<List<String>> one : asked) {
                ids.addAll(one.get());
            }
        }
        assertThat(ids).doesNotHaveDuplicates();
        return ids;
    }

    private static void awaitAll(RunningTerpan terpan, List<String> ids) throws Exception {
        for (String id : ids) {
            for (String kind : KINDS) {
                terpan.awaitLine(kind + " for " + id);
            }
        }
    }

    private static List<String> lines(RunningTerpan terpan) {
        return terpan.errors().stream()
                .filter(line -> SAID.matcher(line).find())
                .toList();
    }

    private static void isOfNone(RunningTerpan terpan, String part) {
        terpan.awaitLine(part);
        assertThat(terpan.errors())
                .filteredOn(line -> line.contains(part))
                .singleElement()
                .satisfies(line -> assertThat(line).doesNotContain("request="));
    }

    private static void isOfItsRequest(String line) {
        Matcher said = SAID.matcher(line);
        assertThat(said.find()).isTrue();
        assertThat(line).endsWith("request=" + said.group(1));
    }
}
