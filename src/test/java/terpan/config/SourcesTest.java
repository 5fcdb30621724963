package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a setting comes from, and which source counts. */
final class SourcesTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void begin() throws IOException {
        loading = new Loading(directory);
    }

    @Test
    void withoutASourceTheDefaultsCount() {
        Settings settings = loading.settings();
        assertThat(settings.bind()).containsExactly(tcp("127.0.0.1", 8000));
        assertThat(settings.groups().getFirst().workers().count()).isEqualTo(8);
        assertThat(settings.loops()).isEqualTo(2);
        assertThat(settings.groups().getFirst().workers().drainTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.groups().getFirst().workers().startTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.groups().getFirst().workers().stopTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.http().bodyMost()).isEqualTo(1L << 30);
        assertThat(settings.http().targetMost()).isEqualTo(8_000);
        assertThat(settings.http().fieldsMost()).isEqualTo(80);
        assertThat(settings.groups().getFirst().server()).isEqualTo(new Settings.Server("builtin", Map.of()));
        assertThat(settings.log().level()).isEqualTo("info");
        Settings.Application application = settings.application().orElseThrow();
        assertThat(application.chdir()).isEqualTo(directory);
        assertThat(application.python()).contains(directory.resolve(".venv/bin/python"));
        assertThat(application.prefix()).isEmpty();
    }

    @Test
    void eachSourceCountsMoreThanTheOneBelowIt() throws IOException {
        loading.toml("[workers]\ncount = 1\n");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(1);
        loading.variable("WEB_CONCURRENCY", "2");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(2);
        loading.variable("TERPAN_WORKERS", "3");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(3);
        loading.flag(WorkerDeclarations.COUNT, "4");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(4);
    }

    @Test
    void portMeansEveryAddressAndYieldsToAVariableAndAFlag() throws IOException {
        loading.toml("bind = [\"127.0.0.1:1\"]\n").variable("PORT", "5000");
        assertThat(loading.settings().bind()).containsExactly(tcp("0.0.0.0", 5000));
        loading.variable("TERPAN_BIND", "127.0.0.1:2; [::1]:2");
        assertThat(loading.settings().bind()).containsExactly(tcp("127.0.0.1", 2), tcp("::1", 2));
        loading.flag(Declarations.BIND, ":3");
        assertThat(loading.settings().bind()).containsExactly(tcp("0.0.0.0", 3));
    }

    @Test
    void anEmptyVariableIsNone() throws IOException {
        loading.toml("[workers]\ncount = 2\n")
                .variable("TERPAN_WORKERS", "")
                .variable("WEB_CONCURRENCY", "")
                .variable("PORT", "");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(2);
    }

    @Test
    void aPlatformVariableThatDoesNotCountIsNotCheckedEither() {
        loading.variable("PORT", "tcp://10.0.0.1:80").flag(Declarations.BIND, ":3");
        assertThat(loading.settings().bind()).containsExactly(tcp("0.0.0.0", 3));
    }

    @Test
    void entriesOfAllSourcesAreMergedNameByName() throws IOException {
        Files.writeString(
                directory.resolve("shop.env"),
                "# settings\n\nexport A=file\nB = \"file b\"\nC='file'\nD=a=b # not a comment\n");
        loading.toml("[application]\nenv-file = \"shop.env\"\n[application.env]\nA = \"toml\"\nN = 5\nT = true\n")
                .variable("TERPAN_ENV", "C=variable;E=variable")
                .flag(Declarations.ENV, "E=flag", "F=a=b");
        assertThat(loading.settings().application().orElseThrow().environment())
                .containsOnly(
                        Map.entry("A", "toml"),
                        Map.entry("B", "file b"),
                        Map.entry("C", "variable"),
                        Map.entry("D", "a=b # not a comment"),
                        Map.entry("E", "flag"),
                        Map.entry("F", "a=b"),
                        Map.entry("N", "5"),
                        Map.entry("T", "true"));
    }

    @Test
    void aListOfAHigherSourceReplacesTheLower() throws IOException {
        loading.toml("[http]\ntrusted-proxies = [\"10.0.0.0/8\", \"unix\"]\n");
        assertThat(loading.settings().http().trustedProxies()).containsExactly("10.0.0.0/8", "unix");
        loading.flag(Declarations.TRUSTED_PROXIES, "::1");
        assertThat(loading.settings().http().trustedProxies()).containsExactly("::1");
    }

    @Test
    void pathsInTheFileCountFromTheFile() throws IOException {
        Path other = Files.createDirectories(directory.resolve("etc"));
        Files.writeString(other.resolve("app.py"), "");
        Files.writeString(
                other.resolve("shop.toml"),
                "bind = [\"unix:shop.sock\"]\n[application]\nname = \"app.py\"\npython = \"../.venv/bin/python\"\n[log]\nfile = \"shop.log\"\n");
        Settings settings = loading.without(Declarations.NAME_OF_APPLICATION)
                .config(Path.of("etc/shop.toml"))
                .settings();
        assertThat(settings.bind().getFirst().address()).isEqualTo(new Address.Unix(other.resolve("shop.sock")));
        assertThat(settings.log().file()).contains(other.resolve("shop.log"));
        assertThat(settings.application().orElseThrow().chdir()).isEqualTo(other);
    }

    @Test
    void theFileBesideTheApplicationIsFoundUnlessThereIsOneHere() throws IOException {
        Path site = Files.createDirectories(directory.resolve("site"));
        Files.writeString(site.resolve("wsgi.py"), "");
        Files.writeString(site.resolve(SettingsFile.OWN), "[workers]\ncount = 3\n");
        loading.flag(Declarations.NAME_OF_APPLICATION, "site").flag(Declarations.PYTHON, ".venv");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(3);
        assertThat(loading.ready().file()).contains(site.resolve(SettingsFile.OWN));
        loading.toml("[workers]\ncount = 2\n");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(2);
    }

    @Test
    void aProjectsTableCountsLikeASettingsFile() throws IOException {
        loading.project("""
                [project]
                name = "shop"
                [tool.black]
                count = "none of ours"
                [tool.terpan]
                bind = ["unix:shop.sock"]
                [tool.terpan.workers]
                count = 3
                [tool.terpan.application.env]
                A = "project"
                """);
        Settings settings = loading.settings();
        assertThat(settings.bind().getFirst().address()).isEqualTo(new Address.Unix(directory.resolve("shop.sock")));
        assertThat(settings.groups().getFirst().workers().count()).isEqualTo(3);
        assertThat(settings.application().orElseThrow().environment()).containsEntry("A", "project");
        assertThat(loading.ready().file()).contains(directory.resolve("pyproject.toml"));
        loading.project("[tool]\nterpan = { workers = { count = 4 } }\n");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(4);
        loading.config(Path.of("pyproject.toml"));
        assertThat(loading.settings().groups().getFirst().workers().count())
                .as("named with --config")
                .isEqualTo(4);
    }

    @Test
    void aProjectWithoutOurTableIsNoSettingsFileWhateverItsMistakes() throws IOException {
        loading.project("[project\ndependencies = []\n");
        assertThat(loading.ready().file()).isEmpty();
        loading.project("[project]\ndependencies = [\"terpan\"]\n");
        assertThat(loading.ready().file()).isEmpty();
    }

    @Test
    void theFileOfItsOwnCountsMoreThanTheProjectsTableAndThatIsSaid() throws IOException {
        loading.project("[tool.terpan.workers]\ncount = 3\n").toml("[workers]\ncount = 2\n");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(2);
        assertThat(loading.ready().warnings())
                .containsExactly(
                        "[tool.terpan] of pyproject.toml was left out: terpan.toml lies beside it, and counts alone");
    }

    @Test
    void theProjectOfAnApplicationBelowItIsFoundUnlessThereIsAFileBesideTheApplication() throws IOException {
        Path root = Files.createDirectories(directory.resolve("shop"));
        Path code = Files.createDirectories(root.resolve("src/shop"));
        Files.writeString(code.resolve("wsgi.py"), "");
        Files.writeString(root.resolve("pyproject.toml"), "[tool.terpan.workers]\ncount = 5\n");
        loading.flag(Declarations.NAME_OF_APPLICATION, "shop/src/shop/wsgi.py").flag(Declarations.PYTHON, ".venv");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(5);
        Files.writeString(code.resolve("terpan.toml"), "[workers]\ncount = 6\n");
        assertThat(loading.settings().groups().getFirst().workers().count()).isEqualTo(6);
    }

    @Test
    void everythingOfTheFileIsTakenIn() throws IOException {
        Settings settings = loading.asRoot().toml("""
                        bind = ["127.0.0.1:0", "unix:/run/shop.sock,mode=0660,group=www-data"]
                        attach = ["unix:/run/other.sock,capacity=4"]
                        loops = 3
                        [application]
                        prefix = "/shop"
                        user = "app"
                        group = "www-data"
                        development = true
                        [server]
                        name = "waitress"
                        [server.options]
                        ident = "shop"
                        [workers]
                        threads = 8
                        backoff-first = "1s"
                        readiness-path = "/healthz"
                        [dispatch]
                        choice = "round-robin"
                        queue-size = 10
                        window-wait = "500us"
                        [http]
                        max-body = "16MiB"
                        abort-on-half-close = true
                        [spool]
                        most = "1GiB"
                        [log]
                        level = "debug"
                        access = true
                        access-format = "json"
                        [admin]
                        run-directory = "run"
                        """).settings();
        Settings.Application application = settings.application().orElseThrow();
        assertThat(settings.bind().get(1).mode()).contains(0660);
        assertThat(settings.attach())
                .containsExactly(new Attach(new Address.Unix(Path.of("/run/other.sock")), 4, 1, "attached"));
        assertThat(settings.loops()).isEqualTo(3);
        assertThat(application.prefix()).isEqualTo("/shop");
        assertThat(application.user()).contains("app");
        assertThat(application.development()).isTrue();
        assertThat(settings.groups().getFirst().server())
                .isEqualTo(new Settings.Server("waitress", Map.of("ident", "shop")));
        assertThat(settings.groups().getFirst().workers().threads()).isEqualTo(8);
        assertThat(settings.groups().getFirst().workers().backoffFirst()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.groups().getFirst().workers().readinessPath()).contains("/healthz");
        assertThat(settings.dispatch().choice()).isEqualTo(Settings.Choice.ROUND_ROBIN);
        assertThat(settings.dispatch().windowWait()).isEqualTo(Duration.ofNanos(500_000));
        assertThat(settings.http().bodyMost()).isEqualTo(16L << 20);
        assertThat(settings.http().abortOnHalfClose()).isTrue();
        assertThat(settings.spool().most()).isEqualTo(1L << 30);
        assertThat(settings.log().accessFormat()).isEqualTo(AccessFormat.JSON);
        assertThat(settings.admin().runDirectory()).contains(directory.resolve("run"));
    }

    @Test
    void anAttachedWorkerNeedsNoApplication() {
        Settings settings = loading.without(Declarations.NAME_OF_APPLICATION)
                .flag(Declarations.ATTACH, "127.0.0.1:9000,capacity=2")
                .settings();
        assertThat(settings.application()).isEmpty();
        assertThat(settings.attach()).containsExactly(new Attach(new Address.Tcp("127.0.0.1", 9000), 2, 1, "attached"));
    }

    @Test
    void aVariableThatLooksMistypedIsWarnedOf() {
        List<String> warnings = loading.variable("TERPAN_WORKRES", "4")
                .variable("TERPAN_SERVICE_HOST", "10.0.0.1")
                .ready()
                .warnings();
        assertThat(warnings)
                .containsExactly(
                        "the variable TERPAN_WORKRES is no setting and was left out; did you mean TERPAN_WORKERS?");
    }

    private static Bind tcp(String host, int port) {
        return new Bind(new Address.Tcp(host, port), Optional.empty(), Optional.empty(), false, false, false);
    }
}
