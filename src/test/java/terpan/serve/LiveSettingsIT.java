package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Settings besides workers and code that change while they are served: logs, files for bodies, attached workers, how workers are chosen. */
@Timeout(120)
final class LiveSettingsIT {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final int CLIENTS = 4;
    private static final int SOME_ANSWERS = 200;
    private static final int CONFIGURATION = 3;
    private static final int BODY = 300_000;

    private static final String CODE = """
            import os

            def application(environ, start_response):
                environ["wsgi.input"].read()
                body = str(os.getpid()).encode()
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
                return [body]
            """;

    @TempDir
    private Path folder;

    private void settings(String text) throws IOException {
        Files.writeString(
                folder.resolve("terpan.toml"),
                "[application]\nname = \"shop:application\"\n[workers]\ncount = 2\n" + text);
    }

    private RunningTerpan serve(String text) throws IOException {
        Files.writeString(folder.resolve("shop.py"), CODE);
        settings(text);
        return start();
    }

    private RunningTerpan start() throws IOException {
        return RunningTerpan.start(
                Map.of(),
                List.of(
                        "--config",
                        folder.resolve("terpan.toml").toString(),
                        "--python",
                        Program.python().toString()));
    }

    private static void reload(RunningTerpan terpan) throws Exception {
        Program.Ended reload = terpan.command("reload");
        assertThat(reload.code()).as(reload.err()).isZero();
    }

    private List<String> lines(String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    @Test
    void logsMoveTurnAndEndAndNoLineIsLost() throws Exception {
        String first = "[log]\naccess = true\naccess-file = \"%s\"\n".formatted(folder.resolve("one.log"));
        try (RunningTerpan terpan = serve(first)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            settings("[log]\naccess = true\naccess-format = \"json\"\naccess-file = \"%s\"\nfile = \"%s\"\n"
                    .formatted(folder.resolve("two.log"), folder.resolve("main.log")));
            reload(terpan);
            EndsIT.awaitAnswers(load, 2 * SOME_ANSWERS);
            assertThat(load.end().failures()).isEmpty();
            int answers = Math.toIntExact(load.answered(200));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(
                                    lines("one.log").size() + lines("two.log").size())
                            .isEqualTo(answers));
            assertThat(lines("one.log")).isNotEmpty().allMatch(line -> line.contains("\"GET / HTTP/1.1\" 200"));
            assertThat(lines("two.log")).isNotEmpty().allMatch(line -> line.startsWith("{"));
            assertThat(lines("main.log")).anyMatch(line -> line.contains("rollout done"));
            assertThat(terpan.command("status").out()).doesNotContain("lines lost");

            settings("[log]\nlevel = \"warn\"\nfile = \"%s\"\n"
                    .formatted(Files.createDirectory(folder.resolve("folder"))));
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isEqualTo(CONFIGURATION);
            assertThat(refused.err()).contains("can not open the log file " + folder.resolve("folder"));
            settings("");
            reload(terpan);
            int before = lines("two.log").size();
            assertThat(terpan.get("/").status()).isEqualTo(200);
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.errors()).as("on standard error again").anyMatch(line -> line.contains("worker state"));
            assertThat(lines("two.log")).hasSize(before);
        }
    }

    /** Where files of this process are, or were before they were unlinked. */
    private static List<String> files(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.map(LiveSettingsIT::target)
                    .filter(target -> target.contains(".spool"))
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    /** Some of a body, which lies in a file as soon as it is there. */
    private static Connection upload(RunningTerpan terpan) throws IOException {
        return terpan.connect().ask("POST", "/", "Content-Length: " + 2 * BODY).send("x".repeat(BODY));
    }

    @Test
    void filesForBodiesLieElsewhereAfterAReloadAndThoseThatThereAreGoOn() throws Exception {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        try (RunningTerpan terpan = serve("[spool]\ndirectory = \"%s\"\nmemory = \"16KiB\"\n".formatted(one));
                Connection early = upload(terpan)) {
            await().atMost(SOON).until(() -> files(terpan.pid()).stream().anyMatch(file -> file.startsWith(one + "/")));
            settings("[spool]\ndirectory = \"%s\"\n".formatted(folder.resolve("three")));
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isEqualTo(CONFIGURATION);
            assertThat(refused.err()).contains("three");
            settings("[spool]\ndirectory = \"%s\"\nmemory = \"16KiB\"\n[http]\nconnect-timeout = \"3s\"\n"
                    .formatted(two));
            reload(terpan);
            try (Connection late = upload(terpan)) {
                await().atMost(SOON)
                        .until(() -> files(terpan.pid()).stream().anyMatch(file -> file.startsWith(two + "/")));
                assertThat(late.send("x".repeat(BODY)).read().status()).isEqualTo(200);
            }
            assertThat(early.send("x".repeat(BODY)).read().status()).isEqualTo(200);
        }
    }

    @Test
    void clientsKeepTheirWorkersFromAReloadOnAndNoLongerAfterAnother() throws Exception {
        try (RunningTerpan terpan = serve("")) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(terpan.get("/").field("set-cookie")).isEmpty();
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            settings("[dispatch]\nchoice = \"sticky\"\nsticky = \"cookie\"\n");
            reload(terpan);
            LoadIT.awaitWorkers(terpan, 2);
            Answer told = terpan.get("/");
            String cookie = told.field("set-cookie").orElseThrow();
            assertThat(cookie).startsWith("terpan_worker=");
            String mine = "Cookie: " + cookie.substring(0, cookie.indexOf(';'));
            for (int i = 0; i < 20; i++) {
                assertThat(terpan.get("/", mine).body()).isEqualTo(told.body());
            }
            settings("[dispatch]\nchoice = \"sticky\"\n");
            reload(terpan);
            assertThat(terpan.get("/").field("set-cookie")).as("by address").isEmpty();
            settings("[dispatch]\nchoice = \"round-robin\"\n");
            reload(terpan);
            LoadIT.awaitWorkers(terpan, 2);
            await().atMost(SOON)
                    .until(() -> !terpan.get("/", mine)
                            .body()
                            .equals(terpan.get("/", mine).body()));
            assertThat(load.end().failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    private void attached(Path... sockets) throws IOException {
        List<String> tables = Stream.of(sockets)
                .map(socket -> "\"unix:" + socket + ",capacity=4\"")
                .toList();
        Files.writeString(folder.resolve("terpan.toml"), "attach = [" + String.join(", ", tables) + "]\n");
    }

    @Test
    void attachedWorkersComeAndGoWithAReloadAndNoRequestIsLost() throws Exception {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Process first = Processes.waitressOn(one);
        Process second = Processes.waitressOn(two);
        try {
            attached(one);
            try (RunningTerpan terpan = start()) {
                Load load = Load.start(terpan.address(), "/", CLIENTS);
                EndsIT.awaitAnswers(load, SOME_ANSWERS);
                attached(one, two);
                reload(terpan);
                await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
                attached(two);
                reload(terpan);
                await().atMost(SOON).until(() -> terpan.status().workers().size() == 1);
                assertThat(terpan.command("status").out())
                        .contains("unix:" + two)
                        .doesNotContain("unix:" + one);
                first.destroy();
                assertThat(first.waitFor()).isNotEqualTo(-1);
                EndsIT.awaitAnswers(load, 3 * SOME_ANSWERS);
                assertThat(load.end().failures()).isEmpty();
                assertThat(load.statuses()).containsOnlyKeys(200);
                assertThat(terpan.metric("terpan_workers{group=\"attached\",state=\"ready\"}"))
                        .isEqualTo(1);
            }
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
        }
    }

    /** Nobody is refused meanwhile, though none of the workers before is left. */
    @Test
    void allAttachedWorkersMayBeReplacedWhileRequestsWait() throws Exception {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Process first = Processes.waitressOn(one);
        Process second = Processes.waitressOn(two);
        try {
            attached(one);
            try (RunningTerpan terpan = start()) {
                Load load = Load.start(terpan.address(), "/sleep?seconds=0.05", 3 * CLIENTS);
                EndsIT.awaitAnswers(load, CLIENTS);
                for (int i = 0; i < 3; i++) {
                    attached(i % 2 == 0 ? two : one);
                    reload(terpan);
                    String socket = "unix:" + (i % 2 == 0 ? two : one);
                    await().atMost(SOON)
                            .until(() -> terpan.status().workers().size() == 1
                                    && terpan.command("status").out().contains(socket));
                    EndsIT.awaitAnswers(load, load.answered(200) + 2 * CLIENTS);
                }
                assertThat(load.end().failures()).isEmpty();
                assertThat(load.statuses()).containsOnlyKeys(200);
            }
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
        }
    }

    @Test
    void filesAreWatchedFromAReloadOnAndNoLongerAfterAnother() throws Exception {
        try (RunningTerpan terpan = serve("")) {
            Files.writeString(
                    folder.resolve("terpan.toml"),
                    "[application]\nname = \"shop:application\"\nreload = true\n[workers]\ncount = 2\n");
            reload(terpan);
            terpan.awaitLine("files are watched");
            Files.writeString(folder.resolve("shop.py"), CODE.replace("str(os.getpid()).encode()", "b'saved'"));
            await().atMost(SOON).until(() -> terpan.get("/").body().equals("saved"));
            terpan.awaitLine("rollout done generation=3");
            settings(""); // is watched too
            terpan.awaitLine("rollout done generation=4");
            terpan.awaitLine("files are not watched any more");
        }
    }
}
