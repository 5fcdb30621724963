package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of an application that raises: to the operator, to the client, to the developer. */
@Timeout(240)
final class TracebackIT {
    private static List<String> records(RunningTerpan terpan, String part) {
        return terpan.errors().stream().filter(line -> line.contains(part)).toList();
    }

    private static RunningTerpan serve(String server, String... more) throws Exception {
        String application = "failing:" + (more.length > 0 && more[0].equals("asgi") ? "asgi" : "wsgi");
        return RunningTerpan.serve(application, "--server", server, "--workers", "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"builtin", "waitress", "gunicorn", "uvicorn", "granian", "hypercorn", "tornado"})
    void anApplicationThatRaisesLeavesOneRecordWithItsRequestAndAnswersAPage(String server) throws Exception {
        oneRecord(server, "wsgi");
    }

    @ParameterizedTest
    @ValueSource(strings = {"uvicorn", "granian", "hypercorn"})
    void anAsgiApplicationDoesSoToo(String server) throws Exception {
        oneRecord(server, "asgi");
    }

    private void oneRecord(String server, String interfaceName) throws Exception {
        RunningTerpan ended;
        String id;
        try (RunningTerpan terpan = serve(server, interfaceName)) {
            Answer html = terpan.get("/raise/1?a=b", "Accept: text/html");
            assertThat(html.status()).isEqualTo(500);
            assertThat(html.field("content-type").orElseThrow()).startsWith("text/html");
            id = html.field("x-request-id").orElseThrow();
            assertThat(html.body()).contains("Internal Server Error", id).doesNotContain("no luck");
            assertThat(html.field("x-terpan-raised")).isEmpty();
            Answer json = terpan.get("/raise/2", "Accept: application/json");
            assertThat(json.body())
                    .contains("\"status\": 500", json.field("x-request-id").orElseThrow());
            assertThat(terpan.get("/raise/3").body()).startsWith("500 Internal Server Error\n");
            terpan.awaitLine("no luck with /raise/3");
            // What waits is written before the end.
            ended = terpan;
        }
        assertThat(records(ended, "no luck with /raise/1")).hasSize(1);
        assertThat(records(ended, "the application failed")).hasSize(3);
        assertThat(records(ended, "request=" + id))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains(
                                "ERROR the application failed",
                                "method=GET",
                                "/raise/1?a=b",
                                "worker=" + server + "-1"));
    }

    /** It answers itself, and raises once more for its server. */
    @ParameterizedTest
    @ValueSource(strings = {"uvicorn", "granian", "hypercorn"})
    void whatStarletteAnswersAndRaisesIsOneRecordWithItsRequest(String server) throws Exception {
        RunningTerpan ended;
        String id;
        try (RunningTerpan terpan = RunningTerpan.serve(
                "starlette_failing:application", "--server", server, "--workers", "1", "--request-ids")) {
            Answer answer = terpan.get("/raise/1");
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo("Internal Server Error");
            id = answer.field("x-request-id").orElseThrow();
            terpan.awaitLine("no luck with /raise/1");
            assertThat(terpan.get("/raise/2").status()).isEqualTo(500);
            terpan.awaitLine("no luck with /raise/2");
            ended = terpan;
        }
        assertThat(records(ended, "no luck with /raise/1")).hasSize(1);
        assertThat(records(ended, "request=" + id))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("ERROR the application failed", "method=GET", "/raise/1", "worker=" + server + "-1"));
    }

    @Test
    void theDevelopmentPageShowsTheTracebackOfItsOwnRequest() throws Exception {
        try (RunningTerpan terpan = RunningTerpan.serve("failing:wsgi", "--workers", "1", "--development");
                Connection client = terpan.connect()) {
            assertThat(client.get("/raise/1").body()).contains("KeyError", "RuntimeError: no luck with /raise/1");
            assertThat(client.get("/raise/2", "Accept: text/html").body())
                    .contains("RuntimeError: no luck with /raise/2")
                    .doesNotContain("/raise/1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"builtin", "waitress"})
    void aTracebackThatTheApplicationLogsIsOneRecordAndAForgedFieldChangesNothing(String server) throws Exception {
        try (RunningTerpan terpan = serve(server)) {
            Answer answer = terpan.get("/log");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("ok");
            terpan.awaitLine("ERROR ValueError: caught worker=" + server + "-1");
            terpan.awaitLine("        ValueError: caught");
            assertThat(records(terpan, "ValueError: caught")).hasSize(2);
            assertThat(records(terpan, "failing.py"))
                    .as("below its line")
                    .allSatisfy(line -> assertThat(line).startsWith("        "));
        }
    }
}
