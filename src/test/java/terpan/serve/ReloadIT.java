package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings and code that change while they are served. */
@Timeout(180)
final class ReloadIT {
    private static final int CLIENTS = 8;
    private static final int SOME_ANSWERS = 300;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CONFIGURATION = 3;
    private static final int APPLICATION = 4;
    private static final int REFUSED = 9;
    private static final int ROLLED_BACK = 15;

    private static final String APPLICATION_CODE = """
            import os, time

            VERSION = open("version", "rb").read()
            if VERSION == b"broken":
                raise RuntimeError("a mistake in the code")
            if VERSION == b"slow":
                open("sleeps", "w").write("here")
                time.sleep(3)
            if VERSION == b"asleep":
                open("sleeps", "w").write("here")
                time.sleep(60)
            asked = []

            def application(environ, start_response):
                path = environ["PATH_INFO"]
                asked.append(path)
                if path == "/long":
                    time.sleep(3)
                while path == "/hold" and not os.path.exists("go"):
                    time.sleep(0.01)
                if path == "/fails" and VERSION == b"fails":
                    raise RuntimeError("it imports, and that is all")
                body = VERSION
                if path == "/asked":
                    body = " ".join(asked).encode()
                elif path == "/setting":
                    body = os.environ.get("SETTING", "none").encode()
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
                return [body]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String settings, String... flags) throws IOException {
        Files.writeString(folder.resolve("shop.py"), APPLICATION_CODE);
        version("1");
        settings(settings);
        List<String> arguments = new ArrayList<>(
                List.of("--config", folder.resolve("terpan.toml").toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        arguments.addAll(List.of(flags));
        return RunningTerpan.start(Map.of(), arguments);
    }

    /** With these settings as they are, for a file that binds where it says. */
    private RunningTerpan serveWith(String file) throws IOException {
        Files.writeString(folder.resolve("shop.py"), APPLICATION_CODE);
        version("1");
        Files.writeString(folder.resolve("terpan.toml"), file);
        return RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, ""),
                List.of(
                        "--config",
                        folder.resolve("terpan.toml").toString(),
                        "--python",
                        Program.python().toString()));
    }

    /** What a connection hears that has a second to say something, or had it. */
    private static String lastWord(Connection connection) {
        try {
            return connection.get("/").field("connection").orElse("it is kept");
        } catch (IOException closed) {
            return "close";
        }
    }

    private void settings(String text) throws IOException {
        Files.writeString(folder.resolve("terpan.toml"), "[application]\nname = \"shop:application\"\n" + text);
    }

    private void version(String version) throws IOException {
        Files.writeString(folder.resolve("version"), version);
    }

    @ParameterizedTest
    @CsvSource({"builtin, --threads=1", "waitress, --threads=4", "gunicorn, --socket=shared", "uvicorn, --socket=tcp"})
    void reloadsUnderLoadLoseNothingWhetherTheyWorkOrNot(String server, String option) throws Exception {
        try (RunningTerpan terpan = serve("", "--server", server, "--workers", "2", option)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            for (String version : List.of("2", "broken", "slow", "3")) {
                Set<Long> before = RestartIT.pids(terpan);
                version(version);
                Program.Ended reload = terpan.command("reload");
                boolean broken = version.equals("broken");
                assertThat(reload.code()).as(reload.err()).isEqualTo(broken ? ROLLED_BACK : 0);
                assertThat(terpan.get("/").body()).isEqualTo(broken ? "2" : version);
                if (broken) {
                    assertThat(RestartIT.pids(terpan)).isEqualTo(before);
                } else {
                    assertThat(RestartIT.pids(terpan)).hasSize(2).doesNotContainAnyElementsOf(before);
                }
            }
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void theCommandTellsEachStepAndStatusKeepsWhatBecameOfIt() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            version("2");
            Program.Ended reload = terpan.command("reload");
            assertThat(reload.out().lines().filter(line -> !line.contains("of 2 workers")))
                    .containsExactly(
                            "generation 2 is led to from generation 1",
                            "generation 2 starts with 2 workers beside generation 1",
                            "generation 2 takes over; generation 1 answers what it has",
                            "generation 1 has ended");
            assertThat(reload.out()).contains("2 of 2 workers are ready");
            assertThat(terpan.command("status").out())
                    .containsPattern("generation +2; the last reload, to generation 2, was done \\d+s ago");
            version("broken");
            Program.Ended broken = terpan.command("reload");
            assertThat(broken.out()).endsWith("generation 3 is taken back; generation 2 serves on\n");
            assertThat(broken.err()).contains("Traceback", "shop.py", "RuntimeError: a mistake in the code");
            assertThat(terpan.command("status").out())
                    .containsPattern("generation +2; the last reload, to generation 3, was rolled back \\d+s ago")
                    .contains("the last reload failed:", "  RuntimeError: a mistake in the code");
        }
    }

    @Test
    void onATerminalABarShowsHowFarItIs() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            version("slow");
            List<String> within = List.of(
                    Program.python().toString(), "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)");
            Program.Ended reload = Program.runWithin(
                    within,
                    folder,
                    "reload",
                    "--run-directory",
                    terpan.runDirectory().toString());
            assertThat(reload.code()).as(reload.out()).isZero();
            assertThat(reload.out())
                    .contains("\r[------------------------] 0 s", "\r[########################] ")
                    .contains("2 of 2 workers are ready\r\n")
                    .endsWith("\r\u001b[K");
        }
    }

    @Test
    void hupIsAReloadAndTheLogSaysWhatBecameOfIt() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "1")) {
            version("broken");
            terpan.signal("HUP");
            terpan.awaitLine("rollout was rolled back");
            assertThat(terpan.get("/").body()).isEqualTo("1");
            version("2");
            terpan.signal("HUP");
            terpan.awaitLine("rollout done");
            assertThat(terpan.get("/").body()).isEqualTo("2");
            settings("nonsense = true\n");
            terpan.signal("HUP");
            terpan.awaitLine("reload refused");
            assertThat(terpan.get("/").body()).isEqualTo("2");
        }
    }

    @Test
    void settingsChangeWithTheCodeAndServerGroupsAndCountsTooWithoutARestart() throws Exception {
        try (RunningTerpan terpan =
                        serve("env = {SETTING = \"old\"}\n[http]\nmax-body = \"1KiB\"\n[workers]\ncount = 1\n");
                Connection kept = terpan.connect()) {
            assertThat(kept.get("/setting").body()).isEqualTo("old");
            settings("""
                    env = {SETTING = "new"}
                    [http]
                    max-body = "2KiB"
                    via = "shop"
                    [[workers]]
                    server = "waitress"
                    count = 2
                    [[workers]]
                    server = "builtin"
                    count = 1
                    """);
            assertThat(terpan.command("reload").err()).isEmpty();
            Answer answer = kept.get("/setting");
            assertThat(answer.body()).isEqualTo("new");
            assertThat(answer.field("via")).contains("1.1 shop");
            kept.ask("POST", "/", "Content-Length: 2049", "Connection: close");
            assertThat(kept.read().status()).isEqualTo(413);
            assertThat(terpan.status().workers().stream().map(Status.Worker::name))
                    .containsExactly("waitress-1", "waitress-2", "builtin-1");
            assertThat(terpan.metric("terpan_worker_seconds_count{group=\"waitress\"}"))
                    .isPositive();
        }
    }

    @Test
    void allMistakesAreToldAtOnceAndNothingChanges() throws Exception {
        try (RunningTerpan terpan = serve("[workers]\ncount = 1\n")) {
            Set<Long> before = RestartIT.pids(terpan);
            settings("[workers]\ncount = 0\n[http]\nnonsense = 1\n[spool]\nmemory = \"1MiB\"\n");
            Program.Ended reload = terpan.command("reload");
            assertThat(reload.code()).isEqualTo(CONFIGURATION);
            assertThat(reload.err()).contains("terpan.toml:4:", "terpan.toml:6:");
            Files.writeString(folder.resolve("terpan.toml"), "loops = 7\n[application]\nname = \"shop:application\"\n");
            Program.Ended fixed = terpan.command("reload");
            assertThat(fixed.code()).isEqualTo(CONFIGURATION);
            assertThat(fixed.err())
                    .contains("terpan.toml:1:", "loops is another than at the start, and can not change");
            Files.writeString(folder.resolve("terpan.toml"), "[application]\nname = \"missing.py\"\n");
            assertThat(terpan.command("reload").code()).isEqualTo(APPLICATION);
            assertThat(RestartIT.pids(terpan)).isEqualTo(before);
            assertThat(terpan.command("status").out()).contains("the last reload, to generation 1, was refused");
        }
    }

    @Test
    void newWorkersAreWarmedBeforeTheyServeAndOneThatAnswersBadlyIsRolledBack() throws Exception {
        for (String server : List.of("builtin", "waitress")) {
            String warm =
                    "warm = [\"/one?a=b\", \"shop.example.com/fails\"]\n[workers]\ncount = 1\n[server]\nname = \"%s\"\n"
                            .formatted(server);
            try (RunningTerpan terpan = serve(warm)) {
                assertThat(terpan.get("/asked").body()).as("at the first start").isEqualTo("/asked");
                double settled = terpan.metric("terpan_requests_total{status=\"200\"}");
                version("2");
                assertThat(terpan.command("reload").err()).isEmpty();
                assertThat(terpan.metric("terpan_requests_total{status=\"200\"}"))
                        .as("the users' figures")
                        .isEqualTo(settled);
                assertThat(terpan.get("/asked").body()).isEqualTo("/one /fails /asked");
                version("fails");
                Program.Ended failed = terpan.command("reload");
                assertThat(failed.code()).isEqualTo(ROLLED_BACK);
                assertThat(failed.err()).contains(server + "-1 answered GET shop.example.com/fails with 500");
                assertThat(terpan.get("/").body()).isEqualTo("2");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin, 1", "waitress, 3"})
    void inPlaceOneWorkerAfterTheOtherIsReplacedAndNoRequestIsLost(String server, int count) throws Exception {
        try (RunningTerpan terpan = serve("", "--server", server, "--workers", Integer.toString(count))) {
            LoadIT.awaitWorkers(terpan, count);
            Set<Long> before = RestartIT.pids(terpan);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            version("2");
            Program.Ended reload = terpan.command("reload", "--in-place");
            assertThat(reload.code()).as(reload.err()).isZero();
            assertThat(reload.out())
                    .containsSubsequence(server + "-1 is ready", server + "-" + count + " has ended")
                    .contains("in place: as was asked");
            Set<Long> now = RestartIT.pids(terpan);
            assertThat(now).hasSize(count).doesNotContainAnyElementsOf(before);
            assertThat(terpan.get("/").body()).isEqualTo("2");
            version("broken");
            Program.Ended broken = terpan.command("reload", "--in-place");
            assertThat(broken.code()).isEqualTo(ROLLED_BACK);
            assertThat(broken.err()).contains("RuntimeError: a mistake in the code");
            assertThat(RestartIT.pids(terpan))
                    .as("there was memory for one to try")
                    .isEqualTo(now);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"builtin, 1", "waitress, 2"})
    void inPlaceEachNewWorkerIsWarmedBeforeItServesAndABadAnswerIsRolledBack(String server, int count)
            throws Exception {
        String warm =
                "warm = [\"/one?a=b\", \"shop.example.com/fails\"]\n[workers]\ncount = %d\n[server]\nname = \"%s\"\n"
                        .formatted(count, server);
        try (RunningTerpan terpan = serve(warm)) {
            LoadIT.awaitWorkers(terpan, count);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            version("2");
            Program.Ended reload = terpan.command("reload", "--in-place");
            assertThat(reload.code()).as(reload.err()).isZero();
            Set<Long> now = RestartIT.pids(terpan);
            assertThat(terpan.get("/asked").body()).as("before all others").startsWith("/one /fails /");
            version("fails");
            Program.Ended failed = terpan.command("reload", "--in-place");
            assertThat(failed.code()).isEqualTo(ROLLED_BACK);
            assertThat(failed.err()).contains(server + "-1 answered GET shop.example.com/fails with 500");
            assertThat(RestartIT.pids(terpan))
                    .as("there was memory for one to try")
                    .isEqualTo(now);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.get("/").body()).isEqualTo("2");
        }
    }

    @Test
    void listenersComeAndGoAndTheirConnectionsAreAnsweredAndClosed() throws Exception {
        Path socket = folder.resolve("s");
        String before =
                "bind = [\"127.0.0.1:0\", \"unix:%s\"]\n[application]\nname = \"shop:application\"\n".formatted(socket);
        try (RunningTerpan terpan = serveWith(before);
                Connection stays = terpan.connect();
                Connection leaves = Connection.to(UnixDomainSocketAddress.of(socket));
                Connection waits = Connection.to(UnixDomainSocketAddress.of(socket))) {
            assertThat(stays.get("/").status()).isEqualTo(200);
            assertThat(leaves.get("/").status()).isEqualTo(200);
            waits.ask("GET", "/hold");
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            Path other = folder.resolve("other");
            Files.writeString(
                    folder.resolve("terpan.toml"),
                    "bind = [\"127.0.0.1:0\", \"unix:%s,mode=0600\"]\n[application]\nname = \"shop:application\"\n"
                            .formatted(other));
            Program.Ended reload = terpan.command("reload", "--no-wait");
            assertThat(reload.code()).as(reload.err()).isZero();
            await().atMost(SOON).until(() -> Files.exists(other) && !Files.exists(socket));
            await().atMost(SOON).until(() -> terpan.command("status").out().contains("unix:" + other));
            try (Connection fresh = Connection.to(UnixDomainSocketAddress.of(other))) {
                assertThat(fresh.get("/").status()).isEqualTo(200);
            }
            EndsIT.touch(folder.resolve("go"));
            assertThat(waits.read().field("connection"))
                    .as("it is closed behind its answer")
                    .contains("close");
            assertThat(stays.get("/").field("connection")).isEmpty();
            assertThat(lastWord(leaves)).as("idle since").isEqualTo("close");
            Files.writeString(
                    folder.resolve("terpan.toml"),
                    "bind = [\"127.0.0.1:0\", \"unix:/nowhere/s\"]\n[application]\nname = \"shop:application\"\n");
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isEqualTo(CONFIGURATION);
            assertThat(refused.err()).contains("cannot listen on unix:/nowhere/s");
            assertThat(stays.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void aLongRequestIsAnsweredByTheOldGenerationWhileTheNewOneServes() throws Exception {
        try (RunningTerpan terpan = serve("[workers]\ncount = 1\nthreads = 2\n");
                Connection waits = terpan.connect()) {
            waits.ask("GET", "/long");
            await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
            version("2");
            assertThat(terpan.command("reload", "--no-wait").code()).isZero();
            await().atMost(SOON).until(() -> terpan.get("/").body().equals("2"));
            assertThat(waits.read().body()).isEqualTo("1");
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 1);
        }
    }

    @Test
    void aNewerReloadTakesTheOlderOneBackFirst() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            version("asleep");
            assertThat(terpan.command("reload", "--no-wait").code()).isZero();
            EndsIT.awaitFile(folder.resolve("sleeps"));
            version("3");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("3");
            assertThat(terpan.errors()).anyMatch(line -> line.contains("a newer order took its place"));
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 2);
        }
    }

    @Test
    void rollbackLeadsToTheReleaseBeforeThoughTheLinkLeadsElsewhere() throws Exception {
        for (String release : List.of("one", "two")) {
            Path there = Files.createDirectories(folder.resolve(release));
            Files.writeString(there.resolve("shop.py"), APPLICATION_CODE);
            Files.writeString(there.resolve("version"), release);
        }
        Path current = Files.createSymbolicLink(folder.resolve("current"), folder.resolve("one"));
        List<String> arguments = List.of(
                current.resolve("shop.py").toString(),
                "--python",
                Program.python().toString(),
                "--workers",
                "1");
        try (RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments)) {
            assertThat(terpan.command("rollback").code()).isEqualTo(REFUSED);
            Files.delete(current);
            Files.createSymbolicLink(current, folder.resolve("two"));
            Processes.kill(terpan.status().workers().getFirst().pid(), "KILL");
            await().atMost(SOON)
                    .until(() -> terpan.status().workers().getFirst().restarts() == 1);
            assertThat(terpan.get("/").body())
                    .as("the release that it was started from")
                    .isEqualTo("one");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("two");
            Program.Ended back = terpan.command("rollback");
            assertThat(back.code()).as(back.err()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("one");
            assertThat(terpan.command("rollback").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("two");
        }
    }

    @Test
    void aStopInTheMiddleOfAReloadLeavesNothingBehind() throws Exception {
        try (RunningTerpan terpan = serve("", "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            version("slow");
            assertThat(terpan.command("reload", "--no-wait").code()).isZero();
            EndsIT.awaitFile(folder.resolve("sleeps"));
        }
    }
}
