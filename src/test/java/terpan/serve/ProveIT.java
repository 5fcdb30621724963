package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
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

/** A new version proves itself by a share of the requests before it takes over. */
@Timeout(120)
final class ProveIT {
    private static final int CLIENTS = 8;
    private static final int SOME_ANSWERS = 50;
    private static final int ROLLED_BACK = 15;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PROVE = "prove = {share = \"20%\", for = \"1s\", requests = 20}\n";

    /** For longer than any test takes. */
    private static final String LONG_PROVE = "prove = {share = \"50%\", for = \"1m\", requests = 200}\n";

    private static final String CODE = """
            import os, time

            VERSION = open("version").read()

            def application(environ, start_response):
                if VERSION == "fails":
                    raise RuntimeError("it imports, and that is all")
                time.sleep(1 if VERSION == "slow" else 0.02)  # beside which a busy machine's delays are small
                if VERSION == "ends":
                    os._exit(3)
                while VERSION == "holds" and not os.path.exists("go"):
                    time.sleep(0.01)
                start_response("200 OK", [("Content-Length", str(len(VERSION)))])
                return [VERSION.encode()]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String prove, String... flags) throws IOException {
        Files.writeString(folder.resolve("shop.py"), CODE);
        version("1");
        Files.writeString(folder.resolve("terpan.toml"), "[application]\nname = \"shop:application\"\n" + prove);
        List<String> arguments = new ArrayList<>(
                List.of("--config", folder.resolve("terpan.toml").toString()));
        arguments.addAll(List.of("--python", Program.python().toString()));
        arguments.addAll(List.of(flags));
        return RunningTerpan.start(Map.of(), arguments);
    }

    private void version(String version) throws IOException {
        Files.writeString(folder.resolve("version"), version);
    }

    private void beginsToProve(RunningTerpan terpan, String version) throws Exception {
        version(version);
        terpan.command("reload", "--no-wait");
        terpan.awaitLine("its generation proves itself");
    }

    @ParameterizedTest
    @CsvSource({"builtin, --threads=1", "waitress, --threads=4", "gunicorn, --socket=shared", "uvicorn, --socket=tcp"})
    void whatDoesAsWellTakesOverAndWhatDoesWorseIsTakenBack(String server, String option) throws Exception {
        try (RunningTerpan terpan = serve(PROVE, "--server", server, "--workers", "2", option)) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);

            version("2");
            Program.Ended well = terpan.command("reload");
            assertThat(well.code()).as(well.err()).isZero();
            assertThat(well.out())
                    .contains("generation 2 proves itself by a share of the requests")
                    .containsPattern("it does as well: generation 2 answered [0-9,]+, 0 with 500 or more");
            assertThat(terpan.get("/").body()).isEqualTo("2");
            assertThat(load.statuses()).containsOnlyKeys(200);

            Set<Long> before = RestartIT.pids(terpan);
            version("fails");
            Program.Ended back = terpan.command("reload");
            assertThat(back.code()).isEqualTo(ROLLED_BACK);
            assertThat(back.err()).contains("it fails more often: generation 3 answered ");
            assertThat(terpan.status().toString()).contains("it fails more often");
            assertThat(RestartIT.pids(terpan)).isEqualTo(before);
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            assertThat(load.statuses())
                    .as("others were asked for what it failed")
                    .containsOnlyKeys(200);

            version("slow");
            assertThat(terpan.command("reload").err()).contains("it is slower: generation 4 answered ");
            version("3");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo("3");
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void aPostIsNotAskedTwiceAndGoesThereOnceSomethingWasAnsweredWell() throws Exception {
        try (RunningTerpan terpan = serve(LONG_PROVE, "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            beginsToProve(terpan, "2");
            try (Connection connection = terpan.connect()) {
                for (int i = 0; i < 10; i++) {
                    connection.ask("POST", "/", "Content-Length: 2");
                    connection.send("ab");
                    assertThat(connection.read().body()).isEqualTo("1");
                }
                int there = 0;
                for (int i = 0; i < 50; i++) {
                    there += connection.get("/").body().equals("2") ? 1 : 0;
                }
                assertThat(there).isEqualTo(25);
                there = 0;
                for (int i = 0; i < 10; i++) {
                    connection.ask("POST", "/", "Content-Length: 2");
                    connection.send("ab");
                    there += connection.read().body().equals("2") ? 1 : 0;
                }
                assertThat(there).isEqualTo(5);
            }
        }
    }

    @Test
    void whatEndsWhileItProvesItselfIsTakenBackAndWhatItHadIsAskedOfTheOthers() throws Exception {
        try (RunningTerpan terpan = serve(PROVE, "--workers", "2")) {
            LoadIT.awaitWorkers(terpan, 2);
            Load load = Load.start(terpan.address(), "/", CLIENTS);
            EndsIT.awaitAnswers(load, SOME_ANSWERS);
            version("ends");
            Program.Ended back = terpan.command("reload");
            assertThat(back.code()).isEqualTo(ROLLED_BACK);
            assertThat(back.err()).contains("exit status 3");
            EndsIT.awaitAnswers(load, load.answered(200) + SOME_ANSWERS);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
            assertThat(terpan.get("/").body()).isEqualTo("1");
        }
    }

    @Test
    void whatIsTakenBackAnswersWhatItHas() throws Exception {
        try (RunningTerpan terpan = serve(LONG_PROVE, "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            beginsToProve(terpan, "holds");
            try (Connection one = terpan.connect();
                    Connection other = terpan.connect()) {
                one.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 1);
                version("4");
                terpan.command("reload", "--no-wait");
                terpan.awaitLine("its generation does not serve any more");
                Files.createFile(folder.resolve("go"));
                assertThat(List.of(one.read().body(), other.read().body())).containsExactlyInAnyOrder("1", "holds");
            }
        }
    }

    @Test
    void whatHangsIsTakenBackThoughItAnswersNothing() throws Exception {
        try (RunningTerpan terpan =
                serve("prove = {share = \"50%\", for = \"1s\", requests = 20}\n", "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            version("holds");
            Load load = Load.start(terpan.address(), "/", 3);
            Program.Ended back = terpan.command("reload", "--no-wait");
            assertThat(back.code()).as(back.err()).isZero();
            terpan.awaitLine("its generation does not serve any more");
            Files.createFile(folder.resolve("go"));
            terpan.awaitLine("it does not end what it has: generation 2 answered 0");
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    @Test
    void aHangIsProofEnough() throws Exception {
        try (RunningTerpan terpan =
                serve(LONG_PROVE, "--workers", "1", "--answer-idle", "1s", "--hang-timeout", "1s")) {
            LoadIT.awaitWorkers(terpan, 1);
            beginsToProve(terpan, "holds");
            try (Connection one = terpan.connect();
                    Connection other = terpan.connect()) {
                one.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
                assertThat(List.of(one.read().status(), other.read().status())).contains(200);
            }
            terpan.awaitLine("rollout was rolled back");
            for (int i = 0; i < 10; i++) {
                assertThat(terpan.get("/").body()).isEqualTo("1");
            }
        }
    }

    @Test
    void aSiteWithoutVisitorsIsNotWaitedForForEver() throws Exception {
        try (RunningTerpan terpan = serve("prove = {share = \"5%\", for = \"1s\"}\n", "--workers", "1")) {
            LoadIT.awaitWorkers(terpan, 1);
            version("2");
            Program.Ended well = terpan.command("reload");
            assertThat(well.code()).as(well.err()).isZero();
            assertThat(well.out()).contains("only 0 of 200 requests came in 10s");
            assertThat(terpan.get("/").body()).isEqualTo("2");
        }
    }

    @Test
    void settingsThatMakeNoSenseTogetherAreTold() throws Exception {
        Files.writeString(folder.resolve("shop.py"), CODE);
        version("1");
        Files.writeString(folder.resolve("terpan.toml"), """
                [application]
                name = "shop:application"
                prove = {for = "10s", part = "5%"}
                """);
        Program.Ended check = Program.run(
                folder, "check", "--config", folder.resolve("terpan.toml").toString());
        assertThat(check.err())
                .contains("application.prove.part is no known setting")
                .contains("application.prove.for is set, but application.prove.share is not")
                .contains(":3:");
    }
}
