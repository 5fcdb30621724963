package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a developer saves is served. */
@Timeout(120)
final class DevelopIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String APPLICATION = """
            import os
            from pages import PAGE

            def application(environ, start_response):
                template = open(os.path.join(os.path.dirname(__file__), "templates", "page.html")).read()
                body = (PAGE + template).encode()
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
                return [body]
            """;

    @TempDir
    private Path folder;

    private RunningTerpan serve(String... more) throws IOException {
        Files.createDirectories(folder.resolve("templates"));
        Files.writeString(folder.resolve("templates/page.html"), ".");
        Files.writeString(folder.resolve("app.py"), APPLICATION);
        page("one");
        List<String> arguments =
                new ArrayList<>(List.of(folder.resolve("app.py").toString(), "--development"));
        arguments.addAll(List.of("--workers", "1", "--python", Program.python().toString()));
        arguments.addAll(List.of(more));
        RunningTerpan terpan = RunningTerpan.start(Map.of(), arguments);
        terpan.awaitLine("files are watched");
        return terpan;
    }

    /** As editors save: another file takes the place of the one before. */
    private void page(String text) throws IOException {
        Path fresh = folder.resolve(".pages.py.swp");
        Files.writeString(fresh, "PAGE = \"" + text + "\"\n");
        Files.move(fresh, folder.resolve("pages.py"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static long reloads(RunningTerpan terpan) {
        return terpan.errors().stream()
                .filter(line -> line.contains("rollout begins"))
                .count();
    }

    @Test
    void whatIsSavedIsServedAndTwentySavesAreOneReload() throws Exception {
        try (RunningTerpan terpan = serve()) {
            assertThat(terpan.get("/").body()).isEqualTo("one.");
            page("two");
            await().atMost(SOON).until(() -> terpan.get("/").body().equals("two."));
            terpan.awaitLine("rollout done generation=2");
            for (int save = 1; save <= 20; save++) {
                page("save " + save);
            }
            await().atMost(SOON).until(() -> terpan.get("/").body().equals("save 20."));
            assertThat(reloads(terpan)).isLessThan(10);
            long before = reloads(terpan);
            Files.createDirectories(folder.resolve("deep/er"));
            await().atMost(SOON).until(() -> {
                Files.writeString(folder.resolve("deep/er/more.py"), "");
                return reloads(terpan) > before;
            });
        }
    }

    @Test
    void aMistakeIsShownInTheBrowserAndTheMendGoesLiveByItself() throws Exception {
        try (RunningTerpan terpan = serve()) {
            Files.writeString(folder.resolve("pages.py"), "PAGE = undefined_name\n");
            await().atMost(SOON).until(() -> terpan.get("/").status() == 500);
            Answer page = terpan.get("/anything", "Accept: text/html");
            assertThat(page.field("content-type")).contains("text/html; charset=utf-8");
            assertThat(page.body())
                    .contains(
                            "The application does not run as it was saved last.",
                            "pages.py",
                            "NameError: name &#39;undefined_name&#39; is not defined");
            try (Connection posts = terpan.connect()) {
                posts.ask("POST", "/", "Content-Length: 0");
                assertThat(posts.read().status()).isEqualTo(500);
                page("mended");
                await().atMost(SOON).until(() -> posts.get("/").body().equals("mended."));
            }
        }
    }

    @Test
    void patternsAndTemplatesAreWatchedTooAndNothingIsWithoutDevelopment() throws Exception {
        Files.writeString(folder.resolve("data.json"), "1");
        try (RunningTerpan terpan = serve("--watch", "*.json")) {
            Files.writeString(folder.resolve("data.json"), "2");
            terpan.awaitLine("rollout done generation=2");
            Files.writeString(folder.resolve("templates/page.html"), "!");
            terpan.awaitLine("rollout done generation=3");
            assertThat(terpan.get("/").body()).isEqualTo("one!");
        }
    }
}
