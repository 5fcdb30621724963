package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several applications in the settings: tables and files of their own, what they have of the top, and all mistakes at once. */
final class ApplicationsTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void noApplicationAtTheTop() throws IOException {
        loading = new Loading(directory).without(Declarations.NAME_OF_APPLICATION);
        Files.createDirectory(directory.resolve("sites"));
    }

    private void site(String file, String text) throws IOException {
        Files.writeString(directory.resolve("sites").resolve(file), text);
    }

    private static Settings of(Loaded.Ready ready, String name) {
        return ready.sites().stream()
                .filter(site -> site.name().equals(name))
                .findFirst()
                .orElseThrow()
                .ready()
                .orElseThrow()
                .settings();
    }

    @Test
    void eachHasItsTablesAndTheRestFromTheTop() throws IOException {
        loading.toml("""
                bind = ["127.0.0.1:8000"]
                [workers]
                count = 3
                stop-timeout = "9s"
                [http]
                max-body = "2MiB"
                max-head = "16KiB"

                [[applications]]
                name = "shop"
                routes = ["Shop.Example.com.", "*.example.org", "example.com/blog/"]
                [applications.application]
                name = "app.py"
                [applications.workers]
                count = 1
                [applications.http]
                max-body = "5MiB"
                [applications.dispatch]
                queue-size = 7

                [[applications]]
                name = "rest"
                attach = ["127.0.0.1:9000"]
                """);
        Loaded.Ready ready = loading.ready();
        assertThat(ready.several()).isTrue();
        assertThat(ready.settings().application()).isEmpty();
        assertThat(ready.sites().getFirst().routes())
                .containsExactly(
                        new Route("shop.example.com", ""),
                        new Route("*.example.org", ""),
                        new Route("example.com", "/blog"));
        Settings shop = of(ready, "shop");
        assertThat(shop.groups()).singleElement().satisfies(group -> {
            assertThat(group.name()).isEqualTo("shop/builtin");
            assertThat(group.workers().count()).isEqualTo(1);
            assertThat(group.workers().stopTimeout()).isEqualTo(Duration.ofSeconds(9));
        });
        assertThat(shop.http().bodyMost()).isEqualTo(5L << 20);
        assertThat(shop.http().headMost()).isEqualTo(16 << 10);
        assertThat(shop.dispatch().queueSize()).isEqualTo(7);
        Settings rest = of(ready, "rest");
        assertThat(rest.http().bodyMost()).isEqualTo(2L << 20);
        assertThat(rest.application()).isEmpty();
        assertThat(rest.attach()).hasSize(1);
    }

    @Test
    void filesAreApplicationsByTheirNames() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\nwatch = true\n");
        site("shop.toml", "routes = [\"/shop\"]\n[application]\nname = \"../app.py\"\n");
        site("blog.toml", "name = \"weblog\"\n[application]\nname = \"../app.py\"\n[[workers]]\nname = \"web\"\n");
        site(".hidden.toml", "nonsense");
        site("notes.txt", "nonsense");
        Loaded.Ready ready = loading.ready();
        assertThat(ready.sites()).extracting(Loaded.Site::name).containsExactly("weblog", "shop");
        assertThat(ready.sites()).allMatch(Loaded.Site::alone);
        assertThat(of(ready, "weblog").groups().getFirst().name()).isEqualTo("weblog/web");
        assertThat(of(ready, "shop").application().orElseThrow().target().directory())
                .as("paths count from the file")
                .isEqualTo(directory);
        assertThat(ready.included().watched()).isTrue();
        assertThat(ready.included().folders()).containsExactly(directory.resolve("sites"));
    }

    @Test
    void anEmptyFolderIsNoMistake() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\n");
        assertThat(loading.ready().several()).isTrue();
        assertThat(loading.ready().sites()).isEmpty();
    }

    @Test
    void theOnePathOfItsRoutesBecomesThePrefix() throws IOException {
        String application = "[applications.application]\nname = \"app.py\"\n";
        loading.toml("[[applications]]\nname = \"one\"\nroutes = [\"a.test/x\", \"b.test/x\"]\n" + application
                + "[[applications]]\nname = \"many\"\nroutes = [\"c.test\", \"c.test/y\"]\n" + application
                + "[[applications]]\nname = \"kept\"\nroutes = [\"/z\"]\nstrip = false\n" + application
                + "[[applications]]\nname = \"own\"\nroutes = [\"/w\"]\n" + application + "prefix = \"/other\"\n");
        Loaded.Ready ready = loading.ready();
        assertThat(List.of("one", "many", "kept", "own"))
                .extracting(name -> of(ready, name).application().orElseThrow().prefix())
                .containsExactly("/x", "", "", "/other");
        assertThat(ready.sites())
                .extracting(site -> site.ready().orElseThrow().mounting().tells())
                .as("one, for workers of another set of routes may serve it during a reload")
                .containsExactly(true, true, false, false);
    }

    @Test
    void groupsOfTheTopAreThoseOfWhoSaysNothingOfWorkers() throws IOException {
        loading.toml("""
                [[workers]]
                server = "builtin"
                [[workers]]
                server = "builtin"
                name = "second"
                [[applications]]
                name = "both"
                application = {name = "app.py"}
                [[applications]]
                name = "own"
                routes = ["/own"]
                application = {name = "app.py"}
                workers = {count = 2}
                """);
        Loaded.Ready ready = loading.ready();
        assertThat(of(ready, "both").groups())
                .extracting(Settings.WorkerGroup::name)
                .containsExactly("both/builtin", "both/second");
        assertThat(of(ready, "own").groups())
                .singleElement()
                .satisfies(group -> assertThat(group.workers().count()).isEqualTo(2));
    }

    @Test
    void allMistakesAreToldWithFileLineAndColumn() throws IOException {
        loading.toml("""
                include = ["sites/*.toml"]
                [application]
                name = "app.py"
                [[applications]]
                name = "Shop"
                routes = ["a b", "shop.test:80"]
                nonsense = 1
                [applications.application]
                name = "app.py"
                [applications.tls]
                hsts = "a"
                [applications.http]
                max-head = "16KiB"
                [[applications]]
                name = "two"
                application = {name = "missing.py"}
                """);
        site(
                "three.toml",
                "name = \"two\"\nroutes = [\"x.test\", \"X.test.\"]\n[application]\nname = \"../app.py\"\n[log]\n");
        site("four.toml", "application = {name = \"../app.py\"}\n");
        assertThat(loading.problems())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("terpan.toml:3:1: application.name stands beside several applications"))
                .anySatisfy(line ->
                        assertThat(line).startsWith("terpan.toml:5:1: name is \"Shop\", expected small letters"))
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:6:11: routes is \"a b\", expected HOST"))
                .anySatisfy(line -> assertThat(line)
                        .isEqualTo("terpan.toml:6:18: routes is \"shop.test:80\","
                                + " expected no port: a route is for every port that is listened on"))
                .anySatisfy(line -> assertThat(line).startsWith("terpan.toml:7:1: nonsense is no known setting"))
                .anySatisfy(line -> assertThat(line).contains("[tls] is for all applications"))
                .anySatisfy(line -> assertThat(line)
                        .contains("terpan.toml:13:1: http.max-head counts before it is known which application"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("terpan.toml:16:").contains("missing.py"))
                .anySatisfy(line -> assertThat(line)
                        .isEqualTo("sites/three.toml:1:1: the name \"two\" is that of another application already"))
                .anySatisfy(line -> assertThat(line).isEqualTo("sites/three.toml:2:1: the route x.test is named twice"))
                .anySatisfy(line -> assertThat(line).contains("sites/three.toml:5:", "[log] is for all applications"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("sites/four.toml: \"four\" would have all requests that nobody else has, but"))
                .hasSize(12);
    }

    @Test
    void oneThatIsMistakenIsNotInTheOthersWayWhereTheyAreReadApart() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\n");
        site("good.toml", "routes = [\"good.test\"]\napplication = {name = \"../app.py\"}\n");
        site("bad.toml", "routes = [\"bad.test\"]\napplication = {name = \"../missing.py\"}\n");
        assertThat(loading.problems()).hasSize(1);
        Loaded.Ready apart = (Loaded.Ready) loading.loadApart();
        assertThat(apart.sites()).extracting(Loaded.Site::name).containsExactly("bad", "good");
        assertThat(apart.sites().getFirst().loaded().problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).startsWith("sites/bad.toml:2:"));
        assertThat(apart.each()).hasSize(1);
    }

    @Test
    void aFileThatIsNoneJustNowHasAMistakeOfItsOwn() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\n");
        site("good.toml", "routes = [\"good.test\"]\napplication = {name = \"../app.py\"}\n");
        Files.createSymbolicLink(directory.resolve("sites/shop.toml"), directory.resolve("nowhere"));
        Files.createDirectory(directory.resolve("sites/folder.toml"));
        Loaded.Ready apart = (Loaded.Ready) loading.loadApart();
        assertThat(apart.sites()).extracting(Loaded.Site::name).containsExactly("good", "shop");
        assertThat(apart.sites().getLast().file()).isEqualTo(directory.resolve("sites/shop.toml"));
        assertThat(loading.problems())
                .contains("sites/shop.toml: include names it, but it is no file that can be read");
    }

    @Test
    void oneWithMistakesTakesNothingFromOneWithout() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\n");
        String application = "application = {name = \"../app.py\"}\n";
        site("a.toml", "nonsense\n" + application);
        site("b.toml", "name = \"blog\"\nroutes = [\"blog.test\"]\nnonsense = 1\n" + application);
        site("blog.toml", "routes = [\"blog.test\"]\n" + application);
        site("rest.toml", application);
        Loaded.Ready apart = (Loaded.Ready) loading.loadApart();
        assertThat(apart.sites().stream().filter(site -> site.ready().isPresent()))
                .extracting(site -> site.file().getFileName().toString())
                .containsExactly("blog.toml", "rest.toml");
    }

    @Test
    void ofTwoWithOneNameNeitherIsMeant() throws IOException {
        loading.toml("include = [\"sites/*.toml\"]\n");
        String both = "name = \"shop\"\nroutes = [\"shop.test\"]\napplication = {name = \"../app.py\"}\n";
        site("shop-copy.toml", both);
        site("shop.toml", both);
        Loaded.Ready apart = (Loaded.Ready) loading.loadApart();
        assertThat(apart.sites())
                .hasSize(2)
                .allSatisfy(site -> assertThat(site.loaded().problems().toString())
                        .contains("the name \"shop\" is that of another application already"));
    }
}
