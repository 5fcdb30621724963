package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.loop.PretendWire;

/** Whole conversations of a client with a worker behind the edge, with every cut of what the client sends. */
class ConversationTest {
    private static final String DATE = "Date: Fri, 02 Jan 2026 03:04:05 GMT|";
    private static final String GET = "GET /a HTTP/1.1|Host: h||";
    private static final String OK = "HTTP/1.1 200 OK|Content-Length: 2||ok";
    private static final String OK_PASSED = "HTTP/1.1 200 OK|Content-Length: 2|" + DATE + "|ok";
    private static final String ADDED = "X-Terpan-Origin: 192.0.2.7 40000 http 192.0.2.1 8000 fph|";
    private static final String GET_PASSED = "GET /a HTTP/1.1|Host: h|" + ADDED + "|";

    /** What the client sends, what the workers get, what a worker answers each time, what the client gets; | ends a line. */
    static Stream<Arguments> conversations() {
        return Stream.of(plain(), answers(), fields()).flatMap(group -> group);
    }

    private static Stream<Arguments> plain() {
        return Stream.of(
                Arguments.of("one request", GET, GET_PASSED, OK, OK_PASSED),
                Arguments.of("pipelined", GET + GET, GET_PASSED + GET_PASSED, OK, OK_PASSED + OK_PASSED),
                Arguments.of(
                        "a body of known length",
                        "POST /p?q=1 HTTP/1.1|Host: h|Content-Length: 5||hello" + GET,
                        "POST /p?q=1 HTTP/1.1|Host: h|" + ADDED + "Content-Length: 5||hello" + GET_PASSED,
                        OK,
                        OK_PASSED + OK_PASSED),
                Arguments.of(
                        "a chunked body",
                        "POST /p HTTP/1.1|Host: h|Transfer-Encoding: chunked||" + "3;x=y|hel|2|lo|0|Trailer: t||" + GET,
                        "POST /p HTTP/1.1|Host: h|" + ADDED + "Content-Length: 5||hello" + GET_PASSED,
                        OK,
                        OK_PASSED + OK_PASSED),
                Arguments.of(
                        "an empty chunked body",
                        "POST /p HTTP/1.1|Host: h|Transfer-Encoding: chunked||0||",
                        "POST /p HTTP/1.1|Host: h|" + ADDED.replace("fph", "fphn") + "Content-Length: 0||",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "HTTP/1.0 closes",
                        "GET /a HTTP/1.0||",
                        "GET /a HTTP/1.1|Host: |" + ADDED.replace("fph", "fp0x") + "|",
                        OK,
                        "HTTP/1.1 200 OK|Content-Length: 2|Connection: close|" + DATE + "|ok"),
                Arguments.of(
                        "HTTP/1.0 with keep-alive",
                        "GET /a HTTP/1.0|Host: h|Connection: keep-alive||",
                        GET_PASSED.replace("fph", "fph0"),
                        OK,
                        "HTTP/1.1 200 OK|Content-Length: 2|Connection: keep-alive|" + DATE + "|ok"));
    }

    private static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(
                        "a chunked answer",
                        GET + GET,
                        GET_PASSED + GET_PASSED,
                        "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|ok|3;e|yes|0|A: b||",
                        ("HTTP/1.1 200 OK|Transfer-Encoding: chunked|" + DATE + "|2|ok|3|yes|0||").repeat(2)),
                Arguments.of(
                        "an answer to HEAD has no body",
                        "HEAD /a HTTP/1.1|Host: h||".repeat(2),
                        GET_PASSED.replace("GET", "HEAD").repeat(2),
                        "HTTP/1.1 200 OK|Content-Length: 7||",
                        ("HTTP/1.1 200 OK|Content-Length: 7|" + DATE + "|").repeat(2)),
                Arguments.of(
                        "204 has no body and no length",
                        GET + GET,
                        GET_PASSED + GET_PASSED,
                        "HTTP/1.1 204 No Content|Content-Length: 0||",
                        ("HTTP/1.1 204 No Content|" + DATE + "|").repeat(2)),
                Arguments.of(
                        "304 tells the length that would be",
                        GET + GET,
                        GET_PASSED + GET_PASSED,
                        "HTTP/1.1 304 Not Modified|Content-Length: 9|ETag: \"x\"||",
                        ("HTTP/1.1 304 Not Modified|ETag: \"x\"|Content-Length: 9|" + DATE + "|").repeat(2)),
                Arguments.of(
                        "informational answers are skipped",
                        GET + GET,
                        GET_PASSED + GET_PASSED,
                        "HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 100 Continue||" + OK,
                        OK_PASSED + OK_PASSED));
    }

    private static Stream<Arguments> fields() {
        return Stream.of(
                Arguments.of(
                        "hop-by-hop fields stay behind both ways",
                        "GET /a HTTP/1.1|Host: h|Connection: x-mine, keep-alive|X-Mine: 1|TE: trailers|"
                                + "Upgrade: x|Keep-Alive: 5|Proxy-Connection: x|A: b||",
                        "GET /a HTTP/1.1|Host: h|A: b|" + ADDED + "|",
                        "HTTP/1.1 200 OK|Connection: x-own|X-Own: 1|Keep-Alive: 3|Content-Length: 2|"
                                + "Date: D|A: b||ok",
                        "HTTP/1.1 200 OK|Date: D|A: b|Content-Length: 2||ok"),
                Arguments.of(
                        "repeated fields are merged, spoofed and odd ones dropped",
                        "GET /a HTTP/1.1|Host: h|X: 1|Cookie: a=1|x:2|Cookie: b=2|X-Forwarded-For: 9|"
                                + "X_Y: 1|X-Terpan-Origin: me|Forwarded: for=x|X-Real-IP: 1||",
                        "GET /a HTTP/1.1|Host: h|X: 1, 2|Cookie: a=1; b=2|" + ADDED + "|",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "an absolute target decides the host",
                        "GET http://other:81/a?b HTTP/1.1|Host: h||",
                        "GET /a?b HTTP/1.1|Host: other:81|"
                                + ADDED.replace("Forwarded-Host: h", "Forwarded-Host: other:81") + "|",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "an absolute target without a path",
                        "OPTIONS http://h HTTP/1.1|Host: h||",
                        "OPTIONS / HTTP/1.1|Host: h|" + ADDED.replace("fph", "fph*") + "|",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "the target *",
                        "OPTIONS * HTTP/1.1|Host: h||",
                        "OPTIONS / HTTP/1.1|Host: h|" + ADDED.replace("fph", "fph*") + "|",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "POST without a body has a length",
                        "POST /a HTTP/1.1|Host: h||",
                        "POST /a HTTP/1.1|Host: h|" + ADDED.replace("fph", "fphn") + "Content-Length: 0||",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "a length of 0 stays, whatever the method",
                        "GET /a HTTP/1.1|Host: h|Content-Length: 0||",
                        "GET /a HTTP/1.1|Host: h|" + ADDED + "Content-Length: 0||",
                        OK,
                        OK_PASSED),
                Arguments.of(
                        "a method of one's own is told, and POST carries it",
                        "PURGE /a HTTP/1.1|Host: h||get /a HTTP/1.1|Host: h|Content-Length: 2||ab",
                        "POST /a HTTP/1.1|Host: h|" + ADDED.replace("fph", "fphn PURGE") + "Content-Length: 0||"
                                + "POST /a HTTP/1.1|Host: h|" + ADDED.replace("fph", "fph get")
                                + "Content-Length: 2||ab",
                        OK,
                        OK_PASSED + OK_PASSED));
    }

    private static String wire(String text) {
        return text.replace("|", "\r\n");
    }

    private static String lines(String bytes) {
        return bytes.replace("\r\n", "|");
    }

    /** How a chunked body is divided into chunks is nobody's promise. */
    private static String bodiesJoined(String answer) {
        return answer.replaceAll("\\b[1-3]\\|(\\w+)\\|(?=[0-3])", "$1");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void aConversationDoesNotDependOnHowTheClientsBytesAreCut(
            String name, String request, String forwarded, String answer, String answered) {
        String bytes = wire(request);
        for (int cut = 0; cut < bytes.length(); cut++) {
            try (EdgeBench bench = new EdgeBench()) {
                bench.worker(1);
                PretendWire client = bench.client(bytes.substring(0, cut));
                bench.serve(wire(answer));
                bench.send(client, bytes.substring(cut));
                bench.serve(wire(answer));
                assertThat(lines(String.join("", bench.served)))
                        .as("forwarded, cut at %d", cut)
                        .isEqualTo(forwarded);
                assertThat(lines(bench.got(client)))
                        .as("answered, cut at %d", cut)
                        .isEqualTo(answered);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void aConversationDoesNotDependOnHowTheWorkersBytesAreCut(
            String name, String request, String forwarded, String answer, String answered) {
        String bytes = wire(answer);
        for (int cut = 0; cut < bytes.length(); cut++) {
            try (EdgeBench bench = new EdgeBench()) {
                bench.worker(1);
                PretendWire client = bench.client(wire(request));
                bench.serve(bytes.substring(0, cut));
                while (bench.inFlight() > 0) {
                    bench.lastLink().peerSends(bytes.substring(cut));
                    bench.serve(bytes.substring(0, cut));
                }
                assertThat(bodiesJoined(lines(bench.got(client))))
                        .as("answered, cut at %d", cut)
                        .isEqualTo(bodiesJoined(answered));
            }
        }
    }

    @Test
    void bytesComingOneByOneMakeTheSameConversation() {
        String request = wire(GET + GET);
        String answer = wire(OK);
        try (EdgeBench bench = new EdgeBench()) {
            bench.worker(1);
            PretendWire client = bench.client();
            for (int i = 0; i < request.length(); i++) {
                bench.send(client, request.substring(i, i + 1));
            }
            bench.serve("");
            for (int i = 0; i < answer.length(); i++) {
                bench.link(0).peerSends(answer.substring(i, i + 1));
                bench.loop.settle();
            }
            bench.serve(answer);
            assertThat(lines(bench.got(client))).isEqualTo(OK_PASSED + OK_PASSED);
            assertThat(bench.links()).isEqualTo(1);
        }
    }
}
