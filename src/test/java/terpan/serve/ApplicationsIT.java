package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several applications in one Terpan, by host and by path: what happens to one does not reach another. */
@Timeout(180)
final class ApplicationsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CLIENTS = 4;
    private static final int SOME_ANSWERS = 200;
    private static final int CONFIGURATION = 3;
    private static final int REFUSED = 9;
    private static final int ROLLED_BACK = 15;

    private static final String BOTTLE = """
            import os, time
            import bottle

            VERSION = open(os.path.join(os.path.dirname(__file__), "version")).read()
            if VERSION == "broken":
                raise RuntimeError("a mistake in the code")
            application = bottle.Bottle()

            @application.route("/<path:path>", method="ANY")
            @application.route("/", method="ANY")
            def whatever(path=""):
                if path == "slow":
                    time.sleep(0.2)
                if path == "slower":
                    time.sleep(3)
                environ = bottle.request.environ
                return "bottle %s script=%s path=%s" % (VERSION, environ["SCRIPT_NAME"], environ["PATH_INFO"])
            """;

    private static final String DJANGO = """
            import django
            from django.conf import settings
            settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of the tests", DEBUG=False)
            from django.core.wsgi import get_wsgi_application
            from django.http import HttpResponse
            from django.urls import path, reverse

            def page(request):
                return HttpResponse("django script=%s path=%s url=%s" % (
                    request.META["SCRIPT_NAME"], request.path_info, reverse("page")))

            urlpatterns = [path("page", page, name="page")]
            application = get_wsgi_application()
            """;

    private static final String FASTAPI = """
            from fastapi import FastAPI, Request

            app = FastAPI()

            @app.get("/page")
            def page(request: Request):
                return {"fastapi": request.scope["root_path"], "url": str(request.url_for("page").path)}
            """;

    private static final FileAttribute<?> OURS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    @TempDir
    private Path folder;

    @BeforeEach
    void code() throws IOException {
        Files.createDirectory(folder.resolve("sites"));
        Files.writeString(folder.resolve("shop.py"), BOTTLE);
        Files.writeString(folder.resolve("pages.py"), DJANGO);
        Files.writeString(folder.resolve("api.py"), FASTAPI);
        Files.writeString(folder.resolve("version"), "1");
    }

    private void site(String name, String routes, String file, String more) throws IOException {
        Path whole = folder.resolve(name + ".part");
        Files.writeString(whole, "routes = [" + routes + "]\n[application]\nname = \"../" + file + "\"\n" + more);
        // In one piece, as configuration management does it.
        Files.move(
                whole,
                folder.resolve("sites").resolve(name + ".toml"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private RunningTerpan serve(String top) throws IOException {
        return RunningTerpan.start(Map.of(), arguments(top));
    }

    private List<String> arguments(String top) throws IOException {
        Files.writeString(
                folder.resolve("terpan.toml"), "include = [\"sites/*.toml\"]\n" + top + "\n[workers]\ncount = 1\n");
        return List.of(
                "--config",
                folder.resolve("terpan.toml").toString(),
                "--python",
                Program.python().toString());
    }

    private static Answer get(RunningTerpan terpan, String host, String target) throws IOException {
        try (Connection connection = terpan.connect()) {
            return connection
                    .send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .read();
        }
    }

    private static void awaitReady(RunningTerpan terpan, int workers) {
        LoadIT.awaitWorkers(terpan, workers);
    }

    @Test
    void bottleDjangoAndFastApiAreServedByHostAndByPath() throws Exception {
        site("shop", "\"shop.test\", \"*.shop.test\", \"both.test/shop\"", "shop.py", "");
        site("site", "\"both.test/site\"", "pages.py", "");
        site("api", "\"both.test/api\"", "api.py", "[server]\nname = \"uvicorn\"\n");
        try (RunningTerpan terpan = serve("")) {
            assertThat(get(terpan, "shop.test", "/a").body()).isEqualTo("bottle 1 script= path=/a");
            assertThat(get(terpan, "EU.Shop.Test.:8000", "/shop/a").body()).isEqualTo("bottle 1 script= path=/shop/a");
            assertThat(get(terpan, "both.test", "/shop/a").body()).isEqualTo("bottle 1 script=/shop path=/a");
            assertThat(get(terpan, "both.test", "/sh%6fp/%61").body()).isEqualTo("bottle 1 script=/shop path=/a");
            assertThat(get(terpan, "both.test", "/site/page").body())
                    .isEqualTo("django script=/site path=/page url=/site/page");
            assertThat(get(terpan, "both.test", "/api/page").body()).contains("\"fastapi\":\"/api\"", "/api/page");
            Answer elsewhere = get(terpan, "both.test", "/other");
            assertThat(elsewhere.status()).isEqualTo(404);
            Answer nobody = get(terpan, "nobody.test", "/shop/a");
            assertThat(nobody.status()).isEqualTo(421);
            for (Answer told : List.of(elsewhere, nobody)) {
                assertThat(told.body()).doesNotContain("shop", "bottle", "api", "both", "builtin");
            }
            assertThat(terpan.metric("terpan_requests_total{application=\"shop\",status=\"200\"}"))
                    .isEqualTo(4);
            assertThat(terpan.metric("terpan_requests_total{application=\"api\",status=\"200\"}"))
                    .isEqualTo(1);
            assertThat(terpan.metric("terpan_requests_total{status=\"421\"}")).isEqualTo(1);
            assertThat(terpan.command("status").out())
                    .contains("3 applications: api, shop, site", "shop/builtin-1", "api/uvicorn-1", "both.test/site");
            assertThat(terpan.command("status", "site").out())
                    .contains("pages.py")
                    .doesNotContain("shop");
            assertThat(terpan.ask("/applications/shop/status")).contains("\"queue_bound\":1024");
            assertThat(terpan.ask("/applications/shop/healthz")).isEqualTo("ok\n");
        }
    }

    @ParameterizedTest
    @CsvSource({"waitress", "gunicorn", "bjoern", "uwsgi"})
    void otherServersAreToldOfThePathToo(String server) throws Exception {
        site("shop", "\"shop.test\", \"both.test/shop\"", "shop.py", "[server]\nname = \"" + server + "\"\n");
        try (RunningTerpan terpan = serve("")) {
            assertThat(get(terpan, "shop.test", "/a").body()).isEqualTo("bottle 1 script= path=/a");
            assertThat(get(terpan, "both.test", "/shop/a").body()).isEqualTo("bottle 1 script=/shop path=/a");
            assertThat(get(terpan, "both.test", "/shop").body()).startsWith("bottle 1 script=/shop path=");
        }
    }

    /** One broken, one flooded, one reloaded and broken again: the fourth and the reloaded lose nothing. */
    @Test
    void whatHappensToOneReachesNoOther() throws Exception {
        Files.writeString(folder.resolve("broken.py"), "raise RuntimeError('from the start')\n");
        Files.writeString(folder.resolve("flooded.py"), BOTTLE.replace("VERSION = open", "VERSION = '0' or open"));
        site("broken", "\"broken.test\"", "broken.py", "");
        site("flooded", "\"flooded.test\"", "flooded.py", "[dispatch]\nqueue-size = 3\n");
        site("shop", "\"shop.test\"", "shop.py", "");
        site("site", "\"site.test\"", "pages.py", "");
        try (RunningTerpan terpan = serve("")) {
            awaitReady(terpan, 3);
            assertThat(get(terpan, "broken.test", "/").status()).isEqualTo(503);
            terpan.awaitLine("application could not be started");
            Load flood = Load.start(terpan.address(), "flooded.test", "/slow", 12);
            Load calm = Load.start(terpan.address(), "site.test", "/page", CLIENTS);
            Load reloaded = Load.start(terpan.address(), "shop.test", "/", CLIENTS);
            EndsIT.awaitAnswers(calm, SOME_ANSWERS);
            Files.writeString(folder.resolve("version"), "2");
            assertThat(terpan.command("reload", "shop").code()).isZero();
            assertThat(get(terpan, "shop.test", "/").body()).startsWith("bottle 2");
            Files.writeString(folder.resolve("version"), "broken");
            Program.Ended again = terpan.command("reload", "shop");
            assertThat(again.code()).isEqualTo(ROLLED_BACK);
            assertThat(again.err()).contains("a mistake in the code");
            assertThat(terpan.command("reload", "broken").code()).isEqualTo(ROLLED_BACK);
            assertThat(terpan.command("restart", "flooded").code()).isZero();
            await().atMost(SOON).until(() -> flood.answered(503) > 10);
            long before = calm.answered(200);
            EndsIT.awaitAnswers(calm, before + SOME_ANSWERS);
            flood.end();
            for (Load good : List.of(calm.end(), reloaded.end())) {
                assertThat(good.failures()).isEmpty();
                assertThat(good.statuses()).containsOnlyKeys(200);
            }
            assertThat(flood.statuses()).containsOnlyKeys(200, 503);
            assertThat(terpan.metric("terpan_requests_rejected_total{application=\"flooded\",reason=\"queue-full\"}"))
                    .isGreaterThan(10);
            assertThat(terpan.metric("terpan_requests_rejected_total{application=\"site\",reason=\"queue-full\"}"))
                    .isZero();
            assertThat(terpan.ask("/applications/broken/healthz")).contains("no worker is ready");
            assertThat(terpan.ask("/healthz")).isEqualTo("ok\n");
            Files.writeString(
                    folder.resolve("broken.py"), BOTTLE.replace("VERSION = open", "VERSION = 'mended' or open"));
            assertThat(terpan.command("reload", "broken").code())
                    .as("from a failed start")
                    .isZero();
            assertThat(get(terpan, "broken.test", "/").body()).startsWith("bottle mended");
        }
    }

    @Test
    void anApplicationIsPausedWorkedOnScaledAndLedBackByItself() throws Exception {
        site("shop", "\"shop.test\"", "shop.py", "");
        site("site", "\"site.test\"", "pages.py", "");
        try (RunningTerpan terpan = serve("")) {
            awaitReady(terpan, 2);
            assertThat(terpan.command("maintenance", "on", "shop").code()).isZero();
            assertThat(get(terpan, "shop.test", "/").status()).isEqualTo(503);
            assertThat(get(terpan, "site.test", "/page").status()).isEqualTo(200);
            assertThat(terpan.command("maintenance", "off", "shop").code()).isZero();
            assertThat(terpan.command("pause", "shop").code()).isZero();
            assertThat(get(terpan, "site.test", "/page").status()).isEqualTo(200);
            try (Connection waiting = terpan.connect()) {
                waiting.send("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n");
                await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length{application=\"shop\"}") == 1);
                assertThat(terpan.command("resume", "shop").code()).isZero();
                assertThat(waiting.read().status()).isEqualTo(200);
            }
            assertThat(terpan.command("scale", "2", "shop").code()).isZero();
            assertThat(terpan.status().readyWorkers()).isEqualTo(3);
            assertThat(terpan.command("scale", "2").code()).as("which one?").isEqualTo(REFUSED);
            assertThat(terpan.command("restart", "shop/builtin-2").code()).isZero();
            site("shop", "\"shop.test\", \"new.test\"", "shop.py", "");
            Files.writeString(folder.resolve("version"), "2");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(get(terpan, "new.test", "/").body()).startsWith("bottle 2");
            assertThat(terpan.metric("terpan_generation{application=\"site\"}"))
                    .as("nothing of it has changed")
                    .isEqualTo(1);
            assertThat(terpan.command("rollback", "shop").code()).isZero();
            assertThat(get(terpan, "new.test", "/").status())
                    .as("routes go back, too")
                    .isEqualTo(421);
            assertThat(terpan.command("rollback").code()).isEqualTo(REFUSED);
            assertThat(terpan.command("status", "nobody").code()).isNotZero();
            assertThat(terpan.command("reload").code())
                    .as("what was led back differs from its file")
                    .isZero();
            assertThat(get(terpan, "new.test", "/").status()).isEqualTo(200);
            assertThat(terpan.command("reload").code())
                    .as("nothing has changed: all")
                    .isZero();
            assertThat(terpan.metric("terpan_generation{application=\"site\"}")).isEqualTo(2);
        }
    }

    @Test
    void aFileThatAppearsChangesOrGoesIsAReloadOfThatApplicationAlone() throws Exception {
        site("shop", "\"shop.test\"", "shop.py", "");
        try (RunningTerpan terpan = serve("watch = true")) {
            awaitReady(terpan, 1);
            Load load = Load.start(terpan.address(), "shop.test", "/", CLIENTS);
            site("site", "\"site.test\"", "pages.py", "");
            await().atMost(SOON).until(() -> get(terpan, "site.test", "/page").status() == 200);
            site("site", "\"other.test\"", "pages.py", "");
            await().atMost(SOON).until(() -> get(terpan, "other.test", "/page").status() == 200);
            assertThat(get(terpan, "site.test", "/page").status()).isEqualTo(421);
            site("bad", "\"bad.test\"", "missing.py", "");
            terpan.awaitLine("reload refused");
            Program.Ended whole = terpan.command("reload");
            assertThat(whole.code()).as(whole.err()).isNotZero();
            assertThat(whole.err()).contains("bad.toml:3:", "missing.py");
            Files.delete(folder.resolve("sites/bad.toml"));
            try (Connection slow = terpan.connect()) {
                site("slow", "\"slow.test\"", "shop.py", "");
                await().atMost(SOON).until(() -> get(terpan, "slow.test", "/").status() == 200);
                slow.send("GET /slower HTTP/1.1\r\nHost: slow.test\r\n\r\n");
                await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight{application=\"slow\"}") == 1);
                Files.delete(folder.resolve("sites/slow.toml"));
                assertThat(slow.read().status()).as("what it has it answers").isEqualTo(200);
            }
            await().atMost(SOON).until(() -> get(terpan, "slow.test", "/").status() == 421);
            await().atMost(SOON).until(() -> terpan.status().readyWorkers() == 2);
            assertThat(terpan.metric("terpan_generation{application=\"shop\"}")).isEqualTo(1);
            assertThat(terpan.command("rollback", "site").code()).isZero();
            site("last", "\"last.test\"", "pages.py", "");
            await().atMost(SOON).until(() -> get(terpan, "last.test", "/page").status() == 200);
            assertThat(get(terpan, "site.test", "/page").status())
                    .as("what was led back stays so until it is saved")
                    .isEqualTo(200);
            assertThat(load.end().failures()).isEmpty();
            assertThat(load.statuses()).containsOnlyKeys(200);
        }
    }

    /** From one that goes on, and from one that ends, to one whose import takes a while. */
    @Test
    void aRouteThatMovesIsServedAllTheTime() throws Exception {
        site("shop", "\"moves.test\", \"shop.test\"", "shop.py", "");
        site("goes", "\"goes.test\"", "shop.py", "");
        site("takes", "\"takes.test\"", "shop.py", "");
        try (RunningTerpan terpan = serve("")) {
            awaitReady(terpan, 3);
            Load moves = Load.start(terpan.address(), "moves.test", "/", CLIENTS);
            Load goes = Load.start(terpan.address(), "goes.test", "/", CLIENTS);
            EndsIT.awaitAnswers(moves, SOME_ANSWERS);
            Files.writeString(folder.resolve("late.py"), "import time\ntime.sleep(1)\n" + BOTTLE);
            site("shop", "\"shop.test\"", "shop.py", "");
            site("takes", "\"takes.test\", \"moves.test\", \"goes.test\"", "late.py", "");
            Files.delete(folder.resolve("sites/goes.toml"));
            Program.Ended reload = terpan.command("reload");
            assertThat(reload.code()).as(reload.err()).isZero();
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 2);
            for (Load load : List.of(moves, goes)) {
                assertThat(load.end().failures()).isEmpty();
                assertThat(load.statuses()).containsOnlyKeys(200);
            }
            assertThat(terpan.command("status", "shop").out()).doesNotContain("moves.test");
        }
    }

    private static Connection upload(RunningTerpan terpan, String host) throws IOException {
        return terpan.connect().send("POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 8\r\n\r\nhalf");
    }

    @Test
    void anApplicationEndsOnceBodiesThatComeAreWholeAndAnswered() throws Exception {
        site("shop", "\"shop.test\"", "shop.py", "");
        site("goes", "\"goes.test\"", "shop.py", "");
        try (RunningTerpan terpan = serve("watch = true")) {
            awaitReady(terpan, 2);
            assertThat(get(terpan, "goes.test", "/").status()).isEqualTo(200);
            try (Connection slow = upload(terpan, "goes.test")) {
                await().atMost(SOON).until(() -> terpan.metric("terpan_connections_open") == 1);
                Files.delete(folder.resolve("sites/goes.toml"));
                await().atMost(SOON).until(() -> get(terpan, "goes.test", "/").status() == 421);
                assertThat(slow.send("done").read().status()).isEqualTo(200);
            }
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 1);
        }
    }

    @Test
    void eachApplicationOfAHostTellsItsClientsOfTheirWorkersByItself() throws Exception {
        String sticky = "[dispatch]\nchoice = \"sticky\"\nsticky = \"cookie\"\n[workers]\ncount = 2\n";
        site("shop", "\"both.test/shop\"", "shop.py", sticky);
        site("blog", "\"both.test/blog\"", "shop.py", sticky);
        try (RunningTerpan terpan = serve("watch = true")) {
            awaitReady(terpan, 4);
            assertThat(get(terpan, "both.test", "/shop/").field("set-cookie").orElse(""))
                    .startsWith("terpan_worker_shop=");
            String cookie =
                    get(terpan, "both.test", "/blog/").field("set-cookie").orElse("");
            assertThat(cookie).startsWith("terpan_worker_blog=");
            site("late", "\"late.test\"", "shop.py", sticky);
            await().atMost(SOON)
                    .until(() -> get(terpan, "late.test", "/")
                            .field("set-cookie")
                            .orElse("")
                            .startsWith("terpan_worker_late="));
        }
    }

    /** An end needs settings that are whole: what can not be read is not gone. */
    @Test
    void noMistakeEndsAnApplication() throws Exception {
        Path file = folder.resolve("sites/shop.toml");
        String right = "name = \"store\"\nroutes = [\"shop.test\"]\n[application]\nname = \"../shop.py\"\n";
        Files.writeString(file, right);
        site("site", "\"site.test\"", "pages.py", "");
        try (RunningTerpan terpan = serve("watch = true")) {
            awaitReady(terpan, 2);
            for (String wrong : List.of("", right.replace("store", "Store"), "nonsense\n" + right, "dangling link")) {
                Files.delete(file);
                if (wrong.startsWith("dangling")) {
                    Files.createSymbolicLink(file, folder.resolve("nowhere"));
                } else {
                    Files.writeString(file, wrong);
                }
                Program.Ended refused = terpan.command("reload", "store");
                assertThat(refused.code()).as(wrong).isEqualTo(CONFIGURATION);
                assertThat(refused.err()).contains("shop.toml");
                assertServesStill(terpan);
            }
            Files.delete(file);
            Files.writeString(file, right);
            assertThat(terpan.command("reload", "store").code()).isZero();
            Path top = folder.resolve("terpan.toml");
            String whole = Files.readString(top);
            Files.writeString(top, "application = {name = \"shop.py\"}\n");
            assertThat(terpan.command("reload", "store").code())
                    .as("a single one in place of several")
                    .isEqualTo(CONFIGURATION);
            assertServesStill(terpan);
            Files.writeString(top, "loops = 7\n" + whole);
            assertThat(terpan.command("reload", "store").code())
                    .as("loops are as at the start")
                    .isEqualTo(CONFIGURATION);
            Files.writeString(file, right + "# is watched\n");
            assertServesStill(terpan);
            Files.writeString(top, whole.replace("sites/*", "sites/sh*"));
            assertThat(terpan.command("reload").code())
                    .as("other files are named: that is meant")
                    .isZero();
            await().atMost(SOON).until(() -> terpan.status().workers().size() == 1);
        }
    }

    /** Places that can not be used, as on a broken system: at the start, when an application comes, and below its supervisor. */
    @Test
    void whatCanNotBeStartedIsInNobodysWayAndIsTriedAgain() throws Exception {
        site("one", "\"one.test\"", "shop.py", "");
        site("two", "\"two.test\"", "shop.py", "");
        Path run = RunningTerpan.newRunDirectory();
        Files.createFile(run.resolve("a1"));
        Path jar = Program.copyOfTheJar(Files.createDirectory(folder.resolve("jar")));
        try (RunningTerpan terpan = RunningTerpan.startIn(run, List.of(), jar, Map.of(), arguments(""))) {
            awaitReady(terpan, 1);
            assertThat(get(terpan, "two.test", "/").status()).isEqualTo(200);
            assertThat(get(terpan, "one.test", "/").status()).isEqualTo(421);
            Files.delete(run.resolve("a1"));
            assertThat(terpan.command("reload", "one").code()).isZero();
            assertThat(get(terpan, "one.test", "/").status()).isEqualTo(200);

            site("three", "\"three.test\"", "shop.py", "");
            Path away = Files.move(jar, jar.resolveSibling("away"));
            assertThat(terpan.command("reload", "three").code()).isEqualTo(REFUSED);
            assertThat(get(terpan, "three.test", "/").status())
                    .as("nobody has its routes")
                    .isEqualTo(421);
            Files.move(away, jar);
            assertThat(terpan.command("reload", "three").code()).isZero();
            assertThat(get(terpan, "three.test", "/").status()).isEqualTo(200);

            Path next = Files.createDirectory(run.resolve("a6"), OURS_ALONE);
            Path obstacle = Files.createDirectory(next.resolve("control"));
            site("four", "\"four.test\"", "shop.py", "");
            assertThat(terpan.command("reload", "four").code()).isNotZero();
            assertThat(get(terpan, "four.test", "/").status()).isEqualTo(503);
            Files.delete(obstacle);
            Program.Ended mended = terpan.command("reload", "four");
            assertThat(mended.code()).as(mended.err()).isZero();
            assertThat(get(terpan, "four.test", "/").status()).isEqualTo(200);
        }
    }

    /** For longer than it takes until a file that is watched is read. */
    private static void assertServesStill(RunningTerpan terpan) throws IOException {
        long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        while (System.nanoTime() < until) {
            assertThat(get(terpan, "shop.test", "/").status()).isEqualTo(200);
            assertThat(get(terpan, "site.test", "/page").status()).isEqualTo(200);
        }
    }

    @Test
    void allMistakesOfAllFilesAreToldAtTheStart() throws Exception {
        site("one", "\"a.test\"", "missing.py", "");
        site("two", "\"a.test\", \"b.test:80\"", "shop.py", "[tls]\n");
        Files.writeString(folder.resolve("terpan.toml"), "include = [\"sites/*.toml\"]\n");
        List<String> arguments = new ArrayList<>(
                List.of("check", "--config", folder.resolve("terpan.toml").toString()));
        Program.Ended ended = Program.run(Path.of("/"), arguments.toArray(String[]::new));
        assertThat(ended.code()).isEqualTo(CONFIGURATION);
        assertThat(ended.err()).contains("one.toml:3:", "missing.py", "two.toml:1:", "expected no port", "two.toml:4:");
    }
}
