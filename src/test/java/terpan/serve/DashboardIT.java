package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard in a real browser, over a Terpan with real workers. */
@Timeout(180)
final class DashboardIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern LINK = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/enter\\?code=\\S+");
    private static final int QUEUE = 3;

    private static Chromium browser;

    @TempDir
    private Path folder;

    private final UnreadRequests open = new UnreadRequests();
    private RunningTerpan terpan;
    private Path goOn;
    private String origin = "";
    private boolean serves = true;

    @BeforeAll
    static void openChromium() throws IOException {
        browser = Chromium.open();
    }

    @AfterAll
    static void closeChromium() throws IOException {
        browser.close();
    }

    @BeforeEach
    void serve() throws Exception {
        goOn = folder.resolve("go-on");
        Files.copy(Program.APPLICATIONS.resolve("watched.py"), folder.resolve("shop.py"));
        terpan = RunningTerpan.start(
                Map.of("GO_ON", goOn.toString()),
                List.of(
                        "shop:app",
                        "--chdir",
                        folder.toString(),
                        "--python",
                        Program.python().toString(),
                        "--workers",
                        "4",
                        "--queue-size",
                        Integer.toString(QUEUE),
                        "--operators-bind",
                        "127.0.0.1:0"));
        browser.screen(1280, 900, "light");
        enter();
    }

    private void enter(String... flags) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("dashboard"));
        arguments.addAll(List.of(flags));
        Matcher link =
                LINK.matcher(terpan.command(arguments.toArray(String[]::new)).out());
        assertThat(link.find()).isTrue();
        origin = link.group().substring(0, link.group().indexOf("/enter"));
        browser.go(link.group());
        browser.awaitThat("document.querySelectorAll('.row').length >= 1");
        browser.awaitThat("document.querySelectorAll('.row .state .good').length >= 4");
    }

    @AfterEach
    void stop() throws IOException {
        Files.writeString(goOn, "");
        open.close();
        if (serves) {
            await().atMost(SOON).untilAsserted(() -> terpan.assertQuiet());
        }
        terpan.close();
    }

    private void assertNothingWrong() {
        assertThat(browser.problems()).isEmpty();
        assertThat(browser.requests()).isNotEmpty().allMatch(address -> address.startsWith(origin + "/"));
    }

    private void confirm() {
        browser.awaitThat("document.querySelector('#ask').open");
        browser.press("#ask-yes");
        browser.awaitThat("!document.querySelector('#ask').open");
    }

    private void order(String button) {
        browser.press(button);
        confirm();
        awaitDone();
    }

    private void awaitDone() {
        browser.awaitThat("document.querySelectorAll('.order').length > 0"
                + " && ![...document.querySelectorAll('.order')].some(it => it.dataset.order === 'running')");
        assertThat(browser.evaluate("[...document.querySelectorAll('.order')].map(it => it.dataset.order).join()"))
                .doesNotContain("failed");
        browser.evaluate("document.querySelectorAll('.order').forEach(it => it.remove())");
    }

    @Test
    void aStuckRequestIsThereWithItsAgeAndItsStack() throws Exception {
        open.ask(terpan, "/report/4711");
        browser.awaitThat("document.querySelector('.place .route')?.textContent === 'GET /report/{}'");
        browser.awaitThat("parseFloat(document.querySelector('.place .age').textContent) >= 1");
        assertThat(browser.evaluate("document.querySelector('.place .client').textContent"))
                .endsWith("127.0.0.1");
        browser.awaitThat("document.querySelector('.place .route').closest('.place').classList.contains('slow')");
        assertThat(browser.evaluate("document.querySelector('.place .mark').textContent"))
                .contains("slow");
        browser.evaluate(
                "document.querySelector('.place .route').closest('.row').querySelector('[data-stack]').id = 'its-stack'");
        browser.press("#its-stack");
        browser.awaitThat("document.querySelector('#stack-text').textContent.includes('wait_until_it_may_go_on')");
        browser.press("#stack-close");
        Files.writeString(goOn, "");
        browser.awaitThat("document.querySelectorAll('.place .route').length === 0");
        browser.awaitThat("document.querySelector('#slow').textContent.includes('GET /report/{}')");
        browser.awaitThat("document.querySelector('#routes').textContent.includes('GET /report/{}')");
        String slow = terpan.command("slow").out();
        assertThat(slow).contains("GET /report/{}").contains("builtin-");
        Matcher id = Pattern.compile("(\\S+) +GET /report/").matcher(slow);
        assertThat(id.find()).isTrue();
        assertThat(terpan.command("explain", id.group(1)).out())
                .contains("which asked for /report/4711")
                .contains("was with builtin-")
                .contains("answered with 200");
        assertThat(terpan.command("explain", "nobody").code()).isNotZero();
        assertNothingWrong();
    }

    @Test
    void aReloadMovesGenerations() {
        browser.press("[data-action=reload]");
        confirm();
        browser.awaitThat("document.querySelectorAll('[data-gen=\"2\"]').length === 1");
        awaitDone();
        browser.awaitThat("document.querySelectorAll('.row[data-generation=\"2\"] .state .good').length === 4");
        browser.awaitThat("document.querySelectorAll('.row[data-generation=\"1\"]').length === 0");
        browser.awaitThat("document.querySelector('#events').textContent.includes('generation takes over')");
        order("[data-action=rollback]");
        browser.awaitThat(
                "document.querySelectorAll('.row[data-generation=\"3\"], .row[data-generation=\"1\"]').length === 4");
        assertNothingWrong();
    }

    @Test
    void aCrashIsSeenAndWhatCameOfIt() throws IOException {
        open.ask(terpan, "/ends");
        browser.awaitThat("document.querySelector('#events').textContent.includes('exited')");
        browser.awaitThat("document.querySelector('#rows').textContent.includes('1 restart')");
        browser.awaitThat("document.querySelectorAll('.row .state .good').length === 4");
        browser.awaitThat("document.querySelector('#failed').textContent.includes('GET /ends')");
        open.ask(terpan, "/fails");
        browser.awaitThat("document.querySelector('#failed').textContent.includes('the application raised')");
        browser.awaitThat("document.querySelector('#log').textContent.includes('no stock for this order')");
        browser.fill("#log-text", "no line is like this one");
        browser.awaitThat("document.querySelector('#no-log').checkVisibility()");
        browser.fill("#log-text", "no stock");
        browser.awaitThat("document.querySelector('#log').children.length === 1");
        assertNothingWrong();
    }

    @Test
    void eachActionIsPressedAndDone() {
        order("[data-action=pause]");
        browser.awaitThat("document.querySelector('#state-word').textContent === 'paused'");
        order("[data-action=resume]");
        browser.awaitThat("document.querySelector('#state-word').textContent === 'serving'");
        order("[data-action=maintenance]");
        browser.awaitThat("document.querySelector('#state-word').textContent === 'maintenance'");
        order("[data-action=serve]");
        browser.awaitThat("document.querySelector('#state-word').textContent === 'serving'");
        order("[data-restart=builtin-1]");
        order("[data-action=restart]");
        browser.press("[data-action=scale]");
        browser.awaitThat("document.querySelector('#ask').open");
        browser.fill("#ask-fields [name=count]", "2");
        confirm();
        awaitDone();
        browser.awaitThat("document.querySelectorAll('.row').length === 2");
        assertNothingWrong();
    }

    @Test
    void whileAllIsStuckEverybodyIsToldWhichRouteItIs() throws Exception {
        for (int i = 0; i < 4; i++) {
            open.ask(terpan, "/report/" + i);
        }
        await().atMost(SOON).until(() -> terpan.metric("terpan_requests_in_flight") == 4);
        for (int i = 0; i < QUEUE; i++) {
            open.ask(terpan, "/users/" + i);
        }
        await().atMost(SOON).until(() -> terpan.metric("terpan_queue_length") == QUEUE);
        assertThat(terpan.get("/users/9").status()).isEqualTo(503);
        browser.awaitThat("document.querySelector('#verdict').textContent.includes('GET /report/{}')");
        browser.awaitThat("document.querySelector('#queue').children.length === " + QUEUE);
        browser.awaitThat("document.querySelector('#c-keys').textContent.includes('queue-full')");
        assertThat(terpan.command("status").out())
                .contains("GET /report/{}: 4 with workers, the oldest for ")
                .contains("GET /users/{}: " + QUEUE + " waiting, the oldest for ");
        assertThat(terpan.metric("terpan_route_requests_open{route=\"GET /report/{}\",state=\"working\"}"))
                .isEqualTo(4);
        assertNothingWrong();
    }

    @Test
    void readersSeeEverythingAndHaveNothingToPress() throws Exception {
        enter("--read-only");
        browser.awaitThat("document.querySelector('#link-word').textContent.includes('read only')");
        assertThat(browser.evaluate("String(document.querySelector('#actions').checkVisibility())"))
                .isEqualTo("false");
        assertThat(browser.evaluate(
                        "String([...document.querySelectorAll('.tools')].some(it => it.checkVisibility()))"))
                .isEqualTo("false");
        assertThat(browser.evaluate("fetch('/reload', {method: 'POST'}).then(it => String(it.status))"))
                .isEqualTo("403");
    }

    @Test
    void aLinkOpensOnceAndALostConnectionIsSaid() throws Exception {
        Matcher link = LINK.matcher(terpan.command("dashboard").out());
        assertThat(link.find()).isTrue();
        browser.go(link.group());
        browser.awaitThat("document.querySelector('#link-word')?.textContent === 'live'");
        assertThat(browser.evaluate("document.cookie")).isEmpty();
        browser.go(link.group());
        browser.awaitThat("document.querySelector('h1')?.textContent.includes('not open')");
        enter();
        terpan.signal("TERM");
        assertThat(terpan.exitCode()).isZero();
        serves = false;
        browser.awaitThat("document.querySelector('#lost').checkVisibility()");
        assertThat(browser.evaluate("document.querySelector('#link-word').textContent"))
                .isEqualTo("connection lost");
    }

    @Test
    void nobodyIsShutOut() throws IOException {
        open.ask(terpan, "/report/1");
        open.ask(terpan, "/fails");
        browser.awaitThat("document.querySelector('#failed').children.length > 0");
        browser.awaitThat("document.querySelector('.place.slow')");
        browser.evaluate(axe());
        for (String scheme : List.of("light", "dark")) {
            for (int width : List.of(1280, 360)) {
                browser.screen(width, 800, scheme);
                assertThat(
                                browser.evaluate(
                                        "axe.run().then(it => it.violations.map(one => one.id + ': '"
                                                + " + one.nodes.map(node => node.target + ' ' + node.failureSummary).join('; ')).join('\\n'))"))
                        .as("axe, %s, %d pixels", scheme, width)
                        .isEmpty();
                assertThat(browser.evaluate(
                                "String(document.documentElement.scrollWidth <= document.documentElement.clientWidth)"))
                        .as("nothing sticks out, %d pixels", width)
                        .isEqualTo("true");
            }
        }
        browser.screen(1280, 900, "light");
        assertNothingWrong();
    }

    private static String axe() throws IOException {
        try (InputStream script = Objects.requireNonNull(DashboardIT.class.getResourceAsStream("/axe.min.js"))) {
            return new String(script.readAllBytes(), UTF_8);
        }
    }

    /** With -Dterpan.pictures=FOLDER they are for the documentation. */
    @Test
    void picturesAreTaken() throws Exception {
        Path to = Path.of(System.getProperty("terpan.pictures", folder.toString()));
        for (int i = 0; i < 40; i++) {
            for (String target : List.of("/", "/users/" + i, "/users/1", i % 3 == 0 ? "/export/" + i : "/")) {
                terpan.get(target);
            }
        }
        terpan.get("/fails");
        open.ask(terpan, "/report/4711");
        Load users = Load.start(terpan.addresses().getFirst(), "/export/7", 3);
        try {
            browser.awaitThat(
                    "[...document.querySelectorAll('.place .age')].some(it => parseFloat(it.textContent) >= 5)");
            picture(to.resolve("dashboard-light.png"), 1280, 960, "light");
            picture(to.resolve("dashboard-dark.png"), 1280, 960, "dark");
            picture(to.resolve("dashboard-narrow.png"), 360, 780, "light");
        } finally {
            var _ = users.end();
        }
        assertNothingWrong();
    }

    private static void picture(Path file, int width, int height, String scheme) throws IOException {
        browser.screen(width, height, scheme);
        browser.evaluate(
                "new Promise(later => requestAnimationFrame(() => requestAnimationFrame(() => later(''))))"); // charts
        // follow
        // the new
        // width
        byte[] png = browser.picture();
        assertThat(png).startsWith((byte) 0x89, 'P', 'N', 'G').hasSizeGreaterThan(10_000);
        Files.write(file, png);
    }
}
