package terpan.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.admin.OperatorClient;

/** What top shows of an answer, and what keys change; a terminal and a Terpan that runs are in the tests with real processes. */
final class TopTest {
    private static final Stty.Size SIZE = new Stty.Size(30, 130);
    private static final String MOMENT = "1795367189000"; // 2026-11-22T17:06:29Z
    private static final String LATER = "1795367199500";
    private static final String ANSWER = """
            {"version":"0.1.0","pid":4711,"state":"serving",
            "verdict":{"level":"bad","sentence":"3 of 3 workers are busy; longer than 10 s: GET /report/{} holds 3"},
            "started":"2026-11-22T17:06:29Z","uptime_seconds":15.0,"server":"builtin","application":"shop:app in /srv",
            "generation":2,"reload":{"generation":2,"outcome":"done","at":"2026-11-22T17:06:30Z","failure":""},
            "queue_length":1,"queue_bound":3,"in_flight":3,"requests":{"total":7},"applications":[],
            "groups":[{"name":"builtin","server":"builtin","socket":"private","in_flight":3,"capacity":4}],
            "workers":[
            {"name":"w1","state":"ready","why":"","since":"2026-11-22T17:06:00Z","generation":2,"restarts":0,"in_flight":2,
            "capacity":2,"settled":10,"resident_bytes":33554432},
            {"name":"w2","state":"ready","why":"","since":"2026-11-22T17:06:00Z","generation":2,"restarts":4,"in_flight":1,
            "capacity":2,"settled":1200,"resident_bytes":67108864},
            {"name":"w3","state":"exited","why":"exit status 1","since":"2026-11-22T17:06:00Z","generation":2,"restarts":0,
            "in_flight":0,"capacity":2,"settled":0,"resident_bytes":null}],
            "activity":{"rates":{"seconds":10,"requests_per_second":1234.5,"p50_seconds":0.0012,"p99_seconds":1.5,
            "queue_p99_seconds":0.02,"failed_per_second":0},
            "held":[{"application":"","route":"GET /report/{}","working":2,"waiting":0,"oldest_working":AT,"oldest_waiting":null}],
            "open":[
            {"id":"1","application":"","route":"GET /report/{}","client":"192.0.2.7","state":"working","worker":"w2","since":AT},
            {"id":"2","application":"","route":"GET /\\u001b]0;owned\\u0007","client":"","state":"working","worker":"w1","since":LATER},
            {"id":"3","application":"","route":"GET /価格/{}","client":"192.0.2.9","state":"working","worker":"w1","since":LATER},
            {"id":"4","application":"","route":"GET /users/{}","client":"192.0.2.8","state":"waiting","worker":"","since":LATER}]}}
            """.replace("LATER", LATER).replace("AT", MOMENT);

    private final TopPage page =
            new TopPage(new OperatorClient(Path.of("/nowhere/operators"), Duration.ofSeconds(1)), "");

    private List<String> shown(Stty.Size size) {
        return page.lines(size).stream().map(Line::text).toList();
    }

    private String shown() {
        return String.join("\n", shown(SIZE));
    }

    @Test
    void figuresWhatIsWrongAndWhatEachWorkerDoesAreThere() {
        page.take(ANSWER);
        assertThat(shown())
                .contains("Terpan 0.1.0, serving, up 15.0s, pid 4711")
                .contains("shop:app in /srv with builtin, generation 2; the last reload, to generation 2: done")
                .contains("wrong     3 of 3 workers are busy; longer than 10 s: GET /report/{} holds 3")
                .contains("held by   GET /report/{}: 2 with workers, the oldest for 15.0s")
                .contains("1,234.5/s, half within 1.2 ms, 99 of 100 within 1.5 s; 0.0 failed/s")
                .contains("3 of 4 busy")
                .contains("1 of 3 taken")
                .containsPattern("> w1 +ready +2/2 +4.5s slow +GET /\\\\u001b]0;owned\\\\u0007 +unix +2 +10 +0 +32 MiB")
                .containsPattern("\n {20,}4.5s slow +GET /価格/\\{} +192.0.2.9")
                .containsPattern(" w2 +ready +1/2 +15.0s stuck +GET /report/\\{} +192.0.2.7 +2 +1,200 +4 +64 MiB")
                .containsPattern(" w3 +exited +0/2 +exit status 1 ")
                .containsPattern(" queue +waiting +4.5s slow +GET /users/\\{} +192.0.2.8");
    }

    @Test
    void nothingOfAnAnswerReachesTheTerminalUnescaped() {
        page.take(ANSWER);
        assertThat(page.lines(SIZE))
                .allSatisfy(line -> assertThat(line.drawn(130, Looks.NONE))
                        .doesNotContain("\u001b")
                        .doesNotContain("\u0007"));
    }

    @Test
    void keysSortAndTheColumnSaysByWhat() {
        page.take(ANSWER);
        assertThat(shown()).contains("WORKER*");
        page.press(Key.letter('a'));
        assertThat(order()).containsExactly("w2", "w1", "w3");
        assertThat(shown()).contains("AGE*").doesNotContain("WORKER*");
        page.press(Key.letter('p'));
        assertThat(order()).containsExactly("w1", "w2", "w3");
        page.press(Key.letter('c'));
        assertThat(order()).containsExactly("w2", "w1", "w3");
        page.press(Key.letter('m'));
        assertThat(order()).containsExactly("w2", "w1", "w3");
        page.press(Key.letter('n'));
        assertThat(order()).containsExactly("w1", "w2", "w3");
    }

    private List<String> order() {
        return shown(SIZE).stream()
                .filter(line -> line.matches("[> ] w\\d .*"))
                .map(line -> line.substring(2, 4))
                .toList();
    }

    @Test
    void arrowsSelectAndTheSelectionStaysWithItsWorker() {
        page.take(ANSWER);
        page.press(Key.of(Key.Kind.DOWN));
        page.press(Key.letter('a'));
        page.take(ANSWER);
        assertThat(shown()).contains("> w2");
        page.press(Key.of(Key.Kind.END));
        assertThat(shown()).contains("> w3");
        page.press(Key.of(Key.Kind.DOWN));
        assertThat(shown()).contains("> w3");
        page.press(Key.of(Key.Kind.HOME));
        page.take(ANSWER.replace("\"generation\":2,\"restarts\"", "\"generation\":3,\"restarts\""));
        assertThat(shown()).contains("> w2");
    }

    @Test
    void aReloadIsAskedForOnceMore() {
        page.take(ANSWER);
        page.press(Key.letter('r'));
        assertThat(shown()).contains("Reload settings and code? y: yes");
        assertThat(page.press(Key.letter('x'))).isInstanceOf(Page.Wish.Nothing.class);
        assertThat(shown()).contains("nothing is reloaded");
        page.press(Key.letter('r'));
        assertThat(page.press(Key.letter('y'))).isInstanceOf(Page.Wish.Asking.class);
        page.told("", "terpan.toml:1:1: nonsense\nand more\n");
        assertThat(shown()).contains("terpan.toml:1:1: nonsense; and more");
    }

    @Test
    void aStackIsShownScrolledAndLeft() {
        page.take(ANSWER);
        assertThat(page.press(Key.letter('s'))).isInstanceOf(Page.Wish.Asking.class);
        page.told("Stack of w1", "line\n".repeat(99) + "the last one\n");
        assertThat(shown()).startsWith("Stack of w1").doesNotContain("the last one");
        page.press(Key.of(Key.Kind.END));
        assertThat(shown()).contains("the last one");
        page.press(Key.of(Key.Kind.ESCAPE));
        assertThat(shown()).contains("WORKER");
        page.press(Key.letter('?'));
        assertThat(shown()).contains("another worker").contains("leave");
        page.press(Key.letter('q'));
        assertThat(page.press(Key.letter('q'))).isInstanceOf(Page.Wish.Quit.class);
    }

    @Test
    void thatTheConnectionIsLostIsSaidAndThatItIsBackToo() {
        assertThat(shown()).contains("Waiting for the first answer");
        page.take(ANSWER);
        page.lost("no answer from /run/operators");
        assertThat(shown())
                .contains("Connection lost: no answer from /run/operators")
                .contains("w1");
        page.take(ANSWER);
        assertThat(shown()).doesNotContain("Connection lost");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 20, 40, 60, 80, 100, 130, 200})
    void whateverTheSizeNothingIsBeyondIt(int columns) {
        page.take(ANSWER);
        for (int rows = 1; rows < 40; rows++) {
            Stty.Size size = new Stty.Size(rows, columns);
            assertThat(page.lines(size))
                    .hasSize(rows)
                    .allSatisfy(line -> assertThat(Cells.width(line.drawn(columns, Looks.NONE)))
                            .isLessThanOrEqualTo(columns));
            page.press(Key.of(Key.Kind.DOWN));
        }
        if (columns >= 80) {
            assertThat(String.join("\n", shown(new Stty.Size(30, columns)))).contains("GET /report/{}");
        }
    }

    @Test
    void oneOfSeveralApplicationsIsShownAlone() {
        String several = ANSWER.replace(
                        "\"applications\":[]",
                        "\"applications\":[{\"name\":\"shop\",\"state\":\"paused\",\"verdict\":{\"level\":\"warn\",\"sentence\":\"paused\"},"
                                + "\"generation\":7,\"queue_length\":0,\"queue_bound\":9,\"in_flight\":1,\"rates\":{}}]")
                .replace("\"name\":\"w2\"", "\"name\":\"shop/w2\"");
        page.take(several);
        assertThat(shown()).contains("shop: paused, generation 7").contains("; paused");
        TopPicture one = TopPicture.read(several, "shop");
        assertThat(one.rows()).extracting(TopPicture.Row::name).containsExactly("shop/w2");
        assertThat(one.generation()).isEqualTo(7);
        assertThat(one.verdict().sentence()).isEqualTo("paused");
    }
}
