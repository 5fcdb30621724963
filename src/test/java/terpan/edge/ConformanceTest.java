package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;
import terpan.loop.PretendWire;

/** Every case of the tables as a whole request through the edge, cut at every byte: the client sees the same each time. */
class ConformanceTest {
    private static final Pattern TOLD = Pattern.compile("\r\nX-Terpan-[A-Za-z]+: ([^\r]*)");
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE");

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int CASES_LEAST = 400;

    /** Every byte of all but the longest. */
    private static final int CUTS_MOST = 1000;

    static List<Case> cases() {
        return RequestCases.all();
    }

    /** What the client was sent, what workers got, and whether the client's connection was ended. */
    private record Result(String answered, String forwarded, boolean ended) {}

    @Test
    void thereAreFourHundredCasesWithTheirSections() {
        assertThat(cases())
                .hasSizeGreaterThanOrEqualTo(CASES_LEAST)
                .allSatisfy(
                        example -> assertThat(example.section()).matches("[0-9]{4} [0-9.]+(, ([0-9]{4} )?[0-9.]+)*"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theClientSeesWhatTheTableSaysHoweverItsBytesAreCut(Case example) {
        String bytes = example.bytes();
        try (EdgeBench bench = new EdgeBench(limits())) {
            bench.worker(1);
            Result whole = result(bench, bytes, bytes.length());
            check(example, whole);
            for (int cut = 1; cut < bytes.length(); cut += 1 + bytes.length() / CUTS_MOST) {
                assertThat(result(bench, bytes, cut))
                        .as("%s, cut at %d", example, cut)
                        .isEqualTo(whole);
            }
        }
    }

    private static EdgeLimits limits() {
        EdgeLimits limits = new EdgeLimits();
        limits.bodyMost = 1 << 20;
        return limits;
    }

    private static Result result(EdgeBench bench, String bytes, int cut) {
        bench.served.clear();
        PretendWire client = bench.client(bytes.substring(0, cut));
        bench.serve(OK);
        if (client.isOpen()) {
            bench.send(client, bytes.substring(cut));
            bench.serve(OK);
        }
        String answered = bench.got(client).replaceAll("[0-9a-f]{9,}-[0-9a-f]+", "ID");
        answered =
                answered.contains("ID") ? answered.replaceAll("Content-Length: [0-9]+", "Content-Length: N") : answered;
        boolean ended = client.outputShut();
        client.peerResets();
        bench.loop.settle();
        return new Result(answered.replace("HTTP/1.1 100 Continue\r\n\r\n", ""), String.join("", bench.served), ended);
    }

    private static void check(Case example, Result result) {
        String answered = result.answered();
        if (example.status() == 0) {
            assertThat(answered).as("%s", example).isEmpty();
            assertThat(result.ended()).isFalse();
        } else if (example.refused()) {
            assertThat(answered)
                    .as("%s", example)
                    .startsWith("HTTP/1.1 " + example.status() + " ")
                    .contains("\r\nConnection: close\r\n");
            assertThat(answered.split("HTTP/1.1 [1-5]", -1))
                    .as("%s: %s", example, answered)
                    .hasSize(2);
            assertThat(result.ended()).isTrue();
            assertThat(result.forwarded()).as("%s", example).isEmpty();
        } else {
            assertThat(answered.split("HTTP/1.1 200 OK\r\n", -1))
                    .as("%s: %s", example, answered)
                    .hasSize(example.keeps() ? 3 : 2);
            assertThat(result.ended()).as("%s", example).isEqualTo(!example.keeps());
            forwarded(example, result.forwarded());
        }
    }

    /** The worker gets the request that the application is to see, and behind it the next one where the connection is kept. */
    private static void forwarded(Case example, String forwarded) {
        String method = example.seen().method();
        boolean own = !METHODS.contains(method);
        assertThat(forwarded).as("%s", example).startsWith((own ? "POST" : method) + " ");
        assertThat(!own
                        || TOLD.matcher(forwarded)
                                .results()
                                .anyMatch(told ->
                                        List.of(told.group(1).split(" ")).contains(method)))
                .as("an own method is told in the private field: %s", forwarded)
                .isTrue();
        assertThat(forwarded).contains("\r\nHost: " + example.seen().host() + "\r\n");
        String head = forwarded.substring(0, forwarded.indexOf("\r\n\r\n") + 2).toLowerCase(Locale.ROOT);
        example.seen()
                .fields()
                .forEach((name, value) -> assertThat(head)
                        .as("%s", example)
                        .contains("\r\n" + name + ": " + value.toLowerCase(Locale.ROOT) + "\r\n"));
        String behind = forwarded.substring(forwarded.indexOf("\r\n\r\n") + 4);
        assertThat(behind).as("%s", example).startsWith(example.seen().body());
        assertThat(behind.contains("GET /next HTTP/1.1\r\n")).isEqualTo(example.keeps());
    }
}
