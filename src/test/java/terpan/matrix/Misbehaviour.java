package terpan.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import terpan.serve.Answer;
import terpan.serve.Connection;

/** What an application does that it should not: its own answer suffers, and nothing else. */
final class Misbehaviour {
    /** The ways to give an answer. */
    static final List<String> SHAPES =
            List.of("list", "tuple", "two", "pieces", "generator", "write", "written", "file");

    /** More times than there are places: as one is lost to each, the next answer would be none. */
    static final int ROUNDS = 3;

    /** Lines of a worker take their own way. */
    private static final Duration LINES_MOST = Duration.ofSeconds(20);

    private static final int UPLOAD = 1 << 20;

    private Misbehaviour() {}

    static void tooLong(Bench bench) throws IOException {
        Path file = bench.fresh("longer");
        Files.writeString(file, "toolong");
        for (int round = 0; round < ROUNDS; round++) {
            for (String shape : SHAPES) {
                assertThat(bench.get("/sized?length=3&shape=" + shape).body())
                        .as(shape)
                        .isEqualTo("too");
                assertThat(bench.get("/sized?length=0&shape=" + shape).body())
                        .as(shape)
                        .isEmpty();
            }
            assertThat(bench.get("/sized?length=3&shape=file&path=" + file).body())
                    .isEqualTo("too");
        }
        assertServes(bench);
    }

    static void tooShort(Bench bench) throws IOException {
        Path file = bench.fresh("shorter");
        Files.writeString(file, "toolong");
        for (String shape : SHAPES) {
            assertCut(bench, "/sized?length=10&shape=" + shape);
        }
        assertCut(bench, "/sized?length=10&shape=file&path=" + file);
        assertServes(bench);
    }

    /** A server that gathers the whole answer can still say so, and so can the front as long as nothing has left. */
    private static void assertCut(Bench bench, String target) throws IOException {
        try (Connection connection = bench.connect()) {
            connection.ask("GET", Bench.PREFIX + target);
            Answer head = connection.readHead();
            if (head.status() != 500 && head.status() != 502) {
                assertThat(head.status()).as(target).isEqualTo(200);
                assertThatThrownBy(connection.body(head)::readAllBytes)
                        .as(target)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    static void endless(Bench bench) throws IOException {
        assertThat(bench.get("/endless?status=200%20OK&length=6").body()).isEqualTo("moremo");
        for (String status : List.of("204%20None", "304%20Same")) {
            assertThat(bench.get("/endless?status=" + status).body()).isEmpty();
        }
        try (Connection connection = bench.connect()) {
            connection.ask("HEAD", Bench.PREFIX + "/endless?status=200%20OK");
            assertThat(connection.readHead().status()).isEqualTo(200);
        }
        bench.assertQuiet();
        assertServes(bench);
    }

    static void exits(Bench bench) throws IOException {
        List<Long> before = Workers.pids(bench.terpan());
        for (String kind : List.of("SystemExit", "KeyboardInterrupt", "GeneratorExit", "Own", "RuntimeError")) {
            for (int round = 0; round < ROUNDS; round++) {
                for (String step : List.of("before", "call", "iteration")) {
                    assertThat(bench.get("/ends?kind=" + kind + "&step=" + step).status())
                            .as(kind + " " + step)
                            .isEqualTo(500);
                }
                assertCut(bench, "/ends?kind=" + kind + "&step=late");
                assertThat(bench.get("/ends?kind=" + kind + "&step=close").body())
                        .as(kind + " close")
                        .isEqualTo("somesome");
            }
            bench.terpan().awaitLine(kind + ": as asked, in the call");
            bench.terpan().awaitLine(kind + ": as asked, in iteration");
            bench.terpan().awaitLine(kind + ": as asked, in close");
        }
        assertServes(bench);
        assertThat(Workers.pids(bench.terpan())).as("the workers live").isEqualTo(before);
    }

    static void notFinal(Bench bench) throws IOException {
        for (String status : List.of("103%20Early", "100%20Go", "101%20Change", "099%20Low", "600%20High")) {
            for (String shape : List.of("empty", "list", "pieces", "write")) {
                assertThat(bench.get("/status?status=" + status + "&shape=" + shape)
                                .status())
                        .as(status + " " + shape)
                        .isEqualTo(502);
            }
        }
        bench.terpan().awaitLine("status '103 Early'");
        assertServes(bench);
    }

    static void refusedHead(Bench bench) throws IOException {
        for (String more : List.of("", "?length=1")) {
            Answer answer = bench.get("/refused-head" + more);
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.field("Set-Cookie")).isEmpty();
            assertThat(answer.field("Cache-Control").orElse("")).doesNotContain("public");
            assertThat(answer.toString()).doesNotContain("X-Name");
        }
        bench.terpan().awaitLine("header X-Name");
    }

    static void heads(Bench bench) throws IOException {
        for (String head : List.of("tuple", "lists", "items", "spaces", "twice")) {
            for (String shape : SHAPES) {
                Answer answer = bench.get("/head?head=" + head + "&shape=" + shape);
                assertThat(answer.body()).as(head + " " + shape).isEqualTo("hello");
                assertThat(answer.field("X-Kept")).contains("yes");
            }
        }
    }

    static void wrongHeads(Bench bench) throws IOException {
        for (String head : List.of("name", "line", "text", "control", "number", "none", "short", "length", "lengths")) {
            int before = bench.terpan().errors().size();
            for (String shape : SHAPES) {
                Answer answer = bench.get("/wrong-head?head=" + head + "&shape=" + shape);
                assertThat(answer.status()).as(head + " " + shape).isEqualTo(500);
                assertThat(answer.field("Set-Cookie")).isEmpty();
            }
            String named = head.startsWith("length") ? "header Content-Length" : "X-Wrong";
            await(head)
                    .atMost(LINES_MOST)
                    .until(() -> bench.terpan().errors().stream().skip(before).anyMatch(line -> line.contains(named)));
        }
        assertServes(bench);
    }

    static void hopByHop(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            for (String shape : SHAPES) {
                Answer answer = connection.get(Bench.PREFIX + "/hop-by-hop?shape=" + shape);
                assertThat(answer.status()).as(shape).isEqualTo(200);
                assertThat(answer.body()).as(shape).isEqualTo("hello");
                assertThat(answer.field("X-Kept")).contains("yes");
                assertThat(answer.field("Upgrade")).isEmpty();
                assertThat(answer.field("Keep-Alive")).isEmpty();
                assertThat(answer.field("Trailer")).isEmpty();
                assertThat(answer.field("Connection").orElse("")).doesNotContain("X-Gone", "close");
            }
        }
    }

    static void locals(Bench bench) throws IOException, InterruptedException {
        for (String step : List.of("call", "iteration")) {
            Path lock = bench.fresh("lock");
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(bench.get("/locked?step=" + step + "&path=" + lock).status())
                        .isEqualTo(500);
                awaitUnlocked(lock); // the answer may be there a moment before
                assertThat(bench.get("/locked?step=none&path=" + lock).body())
                        .as("after one that raised in its " + step)
                        .isEqualTo("had the lock");
            }
        }
    }

    /** No request comes meanwhile, which would have its thread let go of what the one before left. */
    private static void awaitUnlocked(Path lock) throws IOException, InterruptedException {
        String command = "flock --timeout 10 " + lock + " true";
        assertThat(new ProcessBuilder(command.split(" ", -1)).start().waitFor())
                .as("let go of within ten seconds")
                .isZero();
    }

    static void reads(Bench bench) throws IOException {
        String body = "first\nsecond\n\nlast";
        Map<String, String> read = Map.of(
                "all", body,
                "minus", body,
                "lines", "first\n|second\n|\n|last",
                "readlines", "first\n|second\n|\n|last",
                "hint", "first\n|second\n|\n|last",
                "readline", "first\n|second\n|\n|last");
        for (Map.Entry<String, String> each : read.entrySet()) {
            try (Connection connection = bench.connect()) {
                connection.ask(
                        "POST", Bench.PREFIX + "/read-all?how=" + each.getKey(), "Content-Length: " + body.length());
                connection.send(body);
                assertThat(connection.read().body()).as(each.getKey()).isEqualTo(each.getValue());
            }
        }
    }

    static void lateBody(Bench bench) throws IOException {
        for (int length : new int[] {8, UPLOAD}) {
            for (String shape : List.of("write", "pieces")) {
                try (Connection connection = bench.connect()) {
                    connection.ask("POST", Bench.PREFIX + "/read-late?shape=" + shape, "Content-Length: " + length);
                    connection.send("b".repeat(length));
                    assertThat(connection.read().body()).isEqualTo("begun, then read " + length);
                    assertThat(connection.get(Bench.PREFIX + "/").body()).isEqualTo("Hello");
                }
            }
        }
    }

    private static void assertServes(Bench bench) throws IOException {
        assertThat(bench.get("/").body()).isEqualTo("Hello");
    }
}
