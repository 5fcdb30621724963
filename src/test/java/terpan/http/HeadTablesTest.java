package terpan.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.http.Rows.Row;

/** The truth tables of heads, each message whole, cut once at every byte, byte by byte, and moved while it is read. */
class HeadTablesTest {
    /** What came of a message: a refusal's name, "more", or what the head says. */
    private record Outcome(String name, Map<String, String> head) {}

    private final RequestParser requests = new RequestParser(new HeadLimits(8000, 8000, 32 * 1024, 80, false));
    private final ResponseParser responses = new ResponseParser();

    static List<Row> requestHeads() {
        return Rows.read("request-heads.txt");
    }

    static List<Row> responseHeads() {
        return Rows.read("response-heads.txt");
    }

    @ParameterizedTest
    @MethodSource("requestHeads")
    void requestsAreReadAsTheTableSays(Row row) {
        check(row, request(row.bytes(), row.bytes().length));
    }

    @ParameterizedTest
    @MethodSource("requestHeads")
    void requestsCutAnywhereAreReadAlike(Row row) {
        Outcome whole = request(row.bytes(), row.bytes().length);
        assertThat(request(row.bytes(), 1)).isEqualTo(whole);
        for (int cut = 0; cut < row.bytes().length; cut++) {
            assertThat(requestCut(row.bytes(), cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("responseHeads")
    void answersAreReadAsTheTableSays(Row row) {
        check(row, response(row.bytes(), row.bytes().length));
    }

    @ParameterizedTest
    @MethodSource("responseHeads")
    void answersCutAnywhereAreReadAlike(Row row) {
        Outcome whole = response(row.bytes(), row.bytes().length);
        assertThat(response(row.bytes(), 1)).isEqualTo(whole);
        for (int cut = 0; cut < row.bytes().length; cut++) {
            assertThat(responseCut(row.bytes(), cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    private static void check(Row row, Outcome outcome) {
        assertThat(outcome.name()).as("%s: %s", row, outcome.head()).isEqualTo(row.outcome());
        for (String wanted : row.wanted()) {
            assertThat(HeadText.wrong(outcome.head(), wanted)).as("%s", row).isEmpty();
        }
    }

    private Outcome request(byte[] bytes, int step) {
        RequestHead head = new RequestHead();
        head.reset(bytes, 0);
        int result = RequestParser.NEED_MORE;
        for (int to = Math.min(step, bytes.length); result == RequestParser.NEED_MORE; to += step) {
            result = requests.parse(bytes, 0, Math.min(to, bytes.length), head);
            if (to >= bytes.length) {
                break;
            }
        }
        return outcome(result, head);
    }

    private Outcome requestCut(byte[] bytes, int cut) {
        RequestHead head = new RequestHead();
        head.reset(bytes, 0);
        int result = requests.parse(bytes, 0, cut, head);
        if (result == RequestParser.NEED_MORE) {
            byte[] elsewhere = HeadText.moved(bytes, 5);
            head.moved(elsewhere, 5);
            result = requests.parse(elsewhere, 5, elsewhere.length, head);
        }
        return outcome(result, head);
    }

    private static Outcome outcome(int result, RequestHead head) {
        if (result >= 0) {
            assertThat(result).isEqualTo(head.end);
            return new Outcome("ok", HeadText.of(head));
        }
        return unfinished(result);
    }

    private Outcome response(byte[] bytes, int step) {
        ResponseHead head = new ResponseHead();
        head.reset(bytes, 0);
        int result = ResponseParser.NEED_MORE;
        for (int to = Math.min(step, bytes.length); result == ResponseParser.NEED_MORE; to += step) {
            result = responses.parse(bytes, 0, Math.min(to, bytes.length), head);
            if (to >= bytes.length) {
                break;
            }
        }
        return outcome(result, head);
    }

    private Outcome responseCut(byte[] bytes, int cut) {
        ResponseHead head = new ResponseHead();
        head.reset(bytes, 0);
        int result = responses.parse(bytes, 0, cut, head);
        if (result == ResponseParser.NEED_MORE) {
            byte[] elsewhere = HeadText.moved(bytes, 5);
            head.moved(elsewhere, 5);
            result = responses.parse(elsewhere, 5, elsewhere.length, head);
        }
        return outcome(result, head);
    }

    private static Outcome outcome(int result, ResponseHead head) {
        if (result >= 0) {
            assertThat(result).isEqualTo(head.end);
            return new Outcome("ok", HeadText.of(head));
        }
        return unfinished(result);
    }

    private static Outcome unfinished(int result) {
        return new Outcome(
                result == RequestParser.NEED_MORE ? "more" : Refusal.of(result).name(), Map.of());
    }
}
