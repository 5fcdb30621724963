package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.RouteWord;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.loop.PretendWire;
import terpan.metrics.Moment;
import terpan.picture.OpenRequest;
import terpan.picture.PastRequest;

/** By which route a request counts: a person's own rule, the framework's route that a launcher told, or the path's shape. */
final class RouteLabelsTest {
    private static final int MOST = 200;

    private EdgeBench bench = new EdgeBench();

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private static String field(String value) {
        return "X-Terpan-Route: " + value + "\r\n";
    }

    private static String told(String route) {
        return field(RouteWord.TEXT + " " + route);
    }

    private static String answer(String fields) {
        return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\nok";
    }

    private String ask(String target, String answer) {
        PretendWire client = bench.client("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(answer);
        String got = bench.got(client);
        assertThat(got)
                .endsWith("\r\n\r\nok")
                .doesNotContainIgnoringCase("x-terpan")
                .doesNotContain(RouteWord.TEXT);
        client.peerShutsOutput();
        bench.loop.settle();
        return got;
    }

    /** Each route with how many requests counted there, those without any left out. */
    private String counted() {
        return bench.metrics.routes().entrySet().stream()
                .filter(one -> count(one.getValue()) > 0)
                .map(one -> one.getKey() + " " + count(one.getValue()))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static long count(Moment moment) {
        return moment.since(Moment.none()).count();
    }

    private long refused() {
        return bench.metrics.loop(0).routesRefused();
    }

    @Test
    void requestsOfARouteThatIsToldCountThereAndNoClientSeesIt() {
        bench.worker(1);
        ask("/report/4711/yes", answer(told("/report/<int:id>/<word>")));
        ask("/report/4712/no?x=1", answer("A: b\r\n" + told("/report/<int:id>/<word>") + "C: d\r\n"));
        ask("/report/4713/no", answer(""));
        assertThat(counted()).isEqualTo("GET /report/<int:id>/<word> 2, GET /report/{}/no 1");
        assertThat(refused()).isZero();
    }

    @Test
    void theMethodIsPartOfIt() {
        bench.worker(1);
        ask("/a/1", answer(told("/a/<id>")));
        PretendWire client = bench.client("DELETE /a/1 HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(answer(told("/a/<id>")));
        assertThat(bench.got(client)).startsWith("HTTP/1.1 200");
        assertThat(counted()).isEqualTo("DELETE /a/<id> 1, GET /a/<id> 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/report/<id>",
                "0123456789abcdef /report/<id>",
                "WORD",
                "WORD ",
                "WORD\t/report",
                "WORDX/report",
                "WORD /a b",
                "WORD /\u00fc",
                "WORD LONG",
                "",
            })
    void whatNoLauncherWroteOrNoRouteIsCountsForNothingAndTheAnswerIsTheSame(String value) {
        bench.worker(1);
        String sent = value.replace("WORD", RouteWord.TEXT).replace("LONG", "/" + "x".repeat(MOST));
        String got = ask("/report/7", answer(field(sent)));
        assertThat(got.replaceAll("(?m)^Date: .*\r\n", ""))
                .isEqualTo(ask("/report/8", answer("")).replaceAll("(?m)^Date: .*\r\n", ""));
        assertThat(counted()).isEqualTo("GET /report/{} 2");
        assertThat(refused()).isEqualTo(1);
    }

    @Test
    void theLongestRouteIsTakenWhole() {
        bench.worker(1);
        ask("/report/7", answer(told("/" + "x".repeat(MOST - 1))));
        assertThat(counted()).isEqualTo("GET /" + "x".repeat(MOST - 1) + " 1");
    }

    @Test
    void anApplicationsOwnFieldChangesNothingWhereverItStands() {
        bench.worker(1);
        ask("/a", answer(field("/mine") + told("/good") + field("/mine")));
        assertThat(counted()).isEqualTo("GET /good 1");
        assertThat(refused()).isEqualTo(2);
    }

    @Test
    void aRouteIsOfOneAnswerAndNotOfTheNextOnTheSameConnection() {
        bench.worker(1);
        PretendWire client = bench.client("GET /a/1 HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(answer(told("/a/<id>")));
        bench.send(client, "GET /b/1 HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.serve(answer(""));
        assertThat(counted()).isEqualTo("GET /a/<id> 1, GET /b/{} 1");
    }

    @Test
    void routesBeyondTheBoundCountTogetherAndPathsThatSomebodyTriesTakeNoneOfTheirRoom() {
        bench.worker(1);
        for (int i = 0; i < MOST + 50; i++) {
            ask("/no/" + "x".repeat(1 + i % 100) + (i < 100 ? "a" : i < 200 ? "b" : "c"), answer(""));
        }
        for (int i = 0; i < MOST + 50; i++) {
            ask("/a/" + i, answer(told("/a/<id:" + i + ">")));
        }
        assertThat(bench.metrics.routes()).hasSize(2 * MOST + 1);
        assertThat(counted())
                .contains("GET /a/<id:0> 1", "GET /a/<id:199> 1", "other 100")
                .doesNotContain("id:200");
    }

    @Test
    void whoLooksSeesTheShapeUntilTheAnswerBeginsAndTheRouteFromThenOn() {
        bench.worker(1);
        bench.client("GET /report/7 HTTP/1.1\r\nHost: h\r\n\r\n");
        bench.loop.settle();
        assertThat(bench.edge.look().open()).extracting(OpenRequest::route).containsExactly("GET /report/{}");
        bench.pass(Duration.ofMillis(300));
        bench.link(0).peerSends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + told("/report/<int:id>") + "\r\no");
        bench.loop.settle();
        assertThat(bench.edge.look().open()).extracting(OpenRequest::route).containsExactly("GET /report/<int:id>");
        bench.link(0).peerSends("k");
        bench.loop.settle();
        assertThat(bench.edge.look().slow()).extracting(PastRequest::route).containsExactly("GET /report/<int:id>");
    }

    @Test
    void aPersonsOwnRuleCountsMoreThanWhatTheFrameworkSays() {
        bench.close();
        EdgeLimits limits = new EdgeLimits();
        limits.routeShapes = List.of("/user/*/posts", "/user/**");
        bench = new EdgeBench(limits);
        bench.worker(1);
        ask("/user/ada/posts?x=1", answer(told("/<path:rest>")));
        ask("/user/bob/posts", answer(""));
        ask("/user/bob/likes/3", answer(""));
        ask("/users", answer(""));
        assertThat(counted()).isEqualTo("GET /user/** 1, GET /user/*/posts 2, GET /users 1");
    }

    @ParameterizedTest
    @CsvSource({
        "/user/*/posts, /user/ada/posts, true",
        "/user/*/posts, /user/ada/posts/, false",
        "/user/*/posts, /user//posts, false",
        "/user/*/posts, /user/a/b/posts, false",
        "/user/*/posts, /user/ada, false",
        "/user/*, /user/ada, true",
        "/user/*, /user/, false",
        "/user/*, /user, false",
        "/user/**, /user/, true",
        "/user/**, /user/a/b, true",
        "/user/**, /user, false",
        "/*/**, /user/a/b, true",
        "/**, /, true",
        "/, /, true",
        "/, /a, false",
        "/user/ada, /user/ada, true",
        "/user/ada, /user/adam, false",
        "/user/a%20b, /user/a%20b, true",
    })
    void aStarIsASegmentAndTwoAreAllThatFollows(String shape, String path, boolean fits) {
        byte[] bytes = ("GET " + path + "?a=/user/ada/posts HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1);
        RequestHead head = new RequestHead();
        assertThat(new RequestParser(new HeadLimits(8000, 8000, 32_768, 80, false)).parse(bytes, 0, bytes.length, head))
                .isPositive();
        OwnShapes shapes = Objects.requireNonNull(OwnShapes.of(List.of("/other", shape)));
        assertThat(shapes.find(head)).isEqualTo(fits ? 1 : OwnShapes.NONE);
        assertThat(OwnShapes.of(List.of())).isNull();
    }
}
