package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be said of static files, in tables, in one line, for each application, and what a person is told of mistakes. */
final class StaticFilesSettingTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory);
        Files.createDirectory(directory.resolve("static"));
        Files.createDirectory(directory.resolve("a,b=c"));
        Files.writeString(directory.resolve("icon"), "");
    }

    @Test
    void aTableSaysAllOfIt() throws IOException {
        FileSettings files = loading.toml("""
                static = [
                    {path = "/static", directory = "static", index = true, fallback = true, max-age = "1h", immutable = "all", nosniff = true},
                    {path = "/odd/", directory = "a,b=c", index = "home.html"},
                    {path = "/favicon.ico", file = "icon"},
                    {path = "/.well-known/acme/", directory = "static"},
                ]
                sendfile = ["static"]
                internal = [{path = "/protected/", directory = "static"}]
                """).settings().files();
        assertThat(files.statics())
                .startsWith(
                        new StaticFiles(
                                "/static/",
                                directory.resolve("static"),
                                false,
                                Optional.of("index.html"),
                                true,
                                Optional.of(Duration.ofHours(1)),
                                StaticFiles.Immutable.ALL,
                                true),
                        new StaticFiles(
                                "/odd/",
                                directory.resolve("a,b=c"),
                                false,
                                Optional.of("home.html"),
                                false,
                                Optional.empty(),
                                StaticFiles.Immutable.AUTO,
                                false))
                .extracting(StaticFiles::path)
                .containsExactly("/static/", "/odd/", "/favicon.ico", "/.well-known/acme/");
        assertThat(files.statics().get(2).single()).isTrue();
        assertThat(files.sendfile()).containsExactly(directory.resolve("static"));
        assertThat(files.internal()).extracting(StaticFiles::path).containsExactly("/protected/");
    }

    @Test
    void aLineSaysTheSameAndReplacesTheFile() throws IOException {
        loading.toml("static = [{path = \"/static/\", directory = \"static\"}]");
        assertThat(loading.flag(FileDeclarations.STATIC, "/s/=static,index,max-age=5m", "/t/=a\\,b\\=c")
                        .settings()
                        .files()
                        .statics())
                .satisfiesExactly(
                        one -> {
                            assertThat(one.path()).isEqualTo("/s/");
                            assertThat(one.index()).contains("index.html");
                            assertThat(one.maxAge()).contains(Duration.ofMinutes(5));
                        },
                        other -> assertThat(other.place()).isEqualTo(directory.resolve("a,b=c")));
    }

    @Test
    void eachApplicationHasItsOwnOrThoseAtTheTop() throws IOException {
        Loaded loaded =
                loading.without(Declarations.NAME_OF_APPLICATION).toml("""
                        static = ["/top/=static"]
                        [[applications]]
                        name = "one"
                        routes = ["one.example"]
                        static = [{path = "/one/", directory = "static"}]
                        [applications.application]
                        name = "app.py"
                        [[applications]]
                        name = "two"
                        [applications.application]
                        name = "app.py"
                        """).load();
        assertThat(loaded).isInstanceOf(Loaded.Ready.class);
        List<String> paths = new ArrayList<>();
        ((Loaded.Ready) loaded)
                .sites()
                .forEach(site -> site.ready().orElseThrow().settings().files().statics().stream()
                        .map(StaticFiles::path)
                        .forEach(paths::add));
        assertThat(paths).containsExactly("/one/", "/top/");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{directory = 'static'} | its path is",
                "{path = 'static', directory = 'static'} | its path is \"static\"",
                "{path = '/a%20b/', directory = 'static'} | without escapes",
                "{path = '/../', directory = 'static'} | its path is",
                "{path = '/.git/', directory = 'static'} | its path is",
                "{path = '/a//b/', directory = 'static'} | its path is",
                "{path = '/static/'} | neither directory and file",
                "{path = '/x', directory = 'static', file = 'icon'} | both directory and file",
                "{path = '/x/', file = 'icon'} | no slash at the end",
                "{path = '/x', file = 'icon', index = true} | no index",
                "{path = '/x/', directory = ''} | is empty",
                "{path = '/x/', directory = 'static', index = '../a'} | its index is",
                "{path = '/x/', directory = 'static', fallback = 'maybe'} | its fallback is \"maybe\"",
                "{path = '/x/', directory = 'static', immutable = true} | its immutable is \"true\"",
                "{path = '/x/', directory = 'static', max-age = 3600} | did you mean \"3600s\"",
                "{path = '/x/', directory = 'static', max-age = '9999d'} | longer than 3,650 days",
                "{path = '/x/', directory = 'static', indx = true} | did you mean \"index\"",
                "{path = '/', directory = '.', fallback = true} | which has the application in it",
                "{path = '/x/', directory = 'static/../..'} | which has the application in it",
                "{path = '/x/', directory = 'missing'} | which is no directory",
                "{path = '/x/', directory = 'icon'} | which is no directory",
                "{path = '/x', file = 'static'} | which is no file",
                "7 | is the number 7",
            })
    void aMistakeIsToldWithItsPlace(String table, String message) throws IOException {
        List<String> problems = problems("static = [" + table.replace('\'', '"') + "]");
        assertThat(problems)
                .singleElement()
                .asString()
                .startsWith("terpan.toml:1:")
                .contains(message);
    }

    private List<String> problems(String toml) throws IOException {
        return loading.toml(toml).load().problems().stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void whatIsNoListOrThereTwiceIsToldToo() throws IOException {
        assertThat(problems("static = {path = \"/x/\", directory = \"static\"}"))
                .singleElement()
                .asString()
                .contains("expected a list of tables");
        assertThat(problems("static = [\"/x/=static\", \"/x=static\"]"))
                .singleElement()
                .asString()
                .contains("has the path /x/ twice");
        assertThat(problems("internal = [{path = \"/x/\", directory = \"static\", index = true}]"))
                .singleElement()
                .asString()
                .contains("\"index\" is no known key, expected path, directory");
        assertThat(problems("sendfile = [\"icon\"]")).singleElement().asString().contains("which is no directory");
    }
}
