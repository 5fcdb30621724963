package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.tls.TestCertificates;

/** A front that root has started: it is not root while it serves, and what needs root is done all the same. */
@Timeout(180)
final class PrivilegesIT {
    private static final String ROOT = "0";
    private static final String DAEMON = "1";
    private static final String NOBODY = "65534";

    private static final String APPLICATION = """
            import os
            RELEASE = os.path.basename(os.path.dirname(os.path.abspath(__file__)))

            def application(environ, start_response):
                if environ["PATH_INFO"] == "/print":
                    print("a line of the application", flush=True)
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [f"{os.getuid()} {RELEASE} {os.environ.get('SHOP', '')}".encode()]
            """;

    private static final Duration SEEN_MOST = Duration.ofSeconds(40);

    private Path folder = Path.of("/nowhere");

    @BeforeEach
    void aFolderThatEverybodyCanRead() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can give root up");
        folder = Files.createTempDirectory(Path.of("/tmp"), "tp");
        mode(folder, "rwxr-xr-x");
        release("one");
        Files.createSymbolicLink(folder.resolve("current"), Path.of("one"));
    }

    @AfterEach
    void removeIt() throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.toList().reversed()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private void release(String name) throws IOException {
        Path place = Files.createDirectory(folder.resolve(name));
        mode(place, "rwxr-xr-x");
        Files.writeString(place.resolve("app.py"), APPLICATION);
    }

    private void settings(String top, String application) throws IOException {
        Files.writeString(folder.resolve("terpan.toml"), """
                %s
                [application]
                name = "app:application"
                chdir = "%s/current"
                python = "/usr/bin/python3"
                user = "nobody"
                %s
                [workers]
                count = 2
                """.formatted(top, folder, application));
    }

    private RunningTerpan serve(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("--config", folder.resolve("terpan.toml").toString()));
        arguments.addAll(List.of(more));
        return RunningTerpan.start(Map.of(), arguments);
    }

    /** The numbers of the users that the threads of a process are: real, effective, saved, and for files. */
    private static Set<String> users(long pid) throws IOException {
        Set<String> users = new TreeSet<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                try (Stream<String> lines = Files.lines(thread.resolve("status"))) {
                    lines.filter(line -> line.startsWith("Uid:"))
                            .forEach(line -> users.addAll(List.of(
                                    line.substring("Uid:".length()).strip().split("\\s+", -1))));
                } catch (IOException | java.io.UncheckedIOException ended) {
                    assertThat(Files.exists(thread))
                            .as("a thread that could not be looked at")
                            .isFalse();
                }
            }
        }
        return users;
    }

    private static void awaitWorkers(RunningTerpan terpan, long pid) {
        await().atMost(Duration.ofSeconds(30)).until(() -> terpan.status().readyWithout(pid, 2));
    }

    @Test
    void noThreadOfTheFrontIsRootAndItDoesAllThatItDid() throws Exception {
        settings("", "");
        try (RunningTerpan terpan = serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(users(terpan.pid())).containsExactly(DAEMON);
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " one ");
            assertThat(terpan.get("/print").status()).isEqualTo(200);
            terpan.awaitLine("a line of the application worker=builtin-");
            assertThat(rootOf(terpan))
                    .as("root is nothing but")
                    .allMatch(line -> line.matches("terpan: root's helper.*|.*/guard\\.py .*"));
            assertThat(terpan.command("restart", "--all").code()).isZero();
            assertThat(terpan.command("scale", "3").code()).isZero();
            LoadIT.awaitWorkers(terpan, 3);
            assertThat(terpan.command("scale", "2").code()).isZero();
            long first = terpan.status().workers().getFirst().pid();
            Processes.kill(first, "SEGV");
            terpan.awaitLine("killed by signal 11");
            awaitWorkers(terpan, first);
            long guard = guardOf(terpan);
            Processes.kill(guard, "KILL");
            terpan.awaitLine("guard ended and is replaced");
            await().until(() -> guardOf(terpan) != guard && guardOf(terpan) != 0);
            assertThat(terpan.command("stack", "builtin-1").out()).contains("terpan_worker/native");
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.command("rollback").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " one ");
            assertThat(users(terpan.pid())).containsExactly(DAEMON);
        }
    }

    /** What runs as root of it, by its command line. */
    private static List<String> rootOf(RunningTerpan terpan) throws IOException {
        List<String> found = new ArrayList<>();
        for (long pid : terpan.otherProcesses()) {
            if (users(pid).contains(ROOT)) {
                found.add(Processes.commandLine(pid));
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static long guardOf(RunningTerpan terpan) {
        return terpan.otherProcesses().stream()
                .filter(pid -> Processes.commandLine(pid).contains("guard.py"))
                .findFirst()
                .orElse(0L);
    }

    @Test
    void codeIsDeployedByALinkAndSettingsThatAreRootsTakeAnUpgrade() throws Exception {
        settings("", "env = { SHOP = \"1\" }");
        Path launcher = Program.launcher(folder, "terpan");
        Map<String, String> asByThis = Map.of("JDK_JAVA_OPTIONS", "-Dterpan.program=" + launcher);
        List<String> arguments =
                List.of("--config", folder.resolve("terpan.toml").toString());
        List<String> atRoots = List.of("sh", "-c", "cd / && exec \"$@\"", "sh"); // a folder that root alone can change
        try (RunningTerpan terpan =
                RunningTerpan.startIn(RunningTerpan.newRunDirectory(), atRoots, Program.JAR, asByThis, arguments)) {
            LoadIT.awaitWorkers(terpan, 2);
            release("two");
            Files.createSymbolicLink(folder.resolve("next"), Path.of("two"));
            Files.move(folder.resolve("next"), folder.resolve("current"), StandardCopyOption.ATOMIC_MOVE);
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " two 1");

            settings("", "env = { SHOP = \"2\" }");
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isNotZero();
            assertThat(refused.err()).contains("environment.SHOP is not as at the start", "terpan upgrade");
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " two 1");

            Program.Ended named = terpan.command("upgrade", "/bin/true");
            assertThat(named.code()).isNotZero();
            assertThat(named.err()).contains("only the command that Terpan was started by");

            Load load = Load.start(terpan.address(), "/", 8);
            EndsIT.awaitAnswers(load, 200);
            Program.Ended upgraded = terpan.command("upgrade");
            assertThat(upgraded.code()).as(upgraded.err()).isZero();
            terpan.follow();
            terpan.awaitLock();
            EndsIT.awaitAnswers(load, 200);
            load.end();
            assertThat(load.failures()).isEmpty();
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " two 2");
            assertThat(users(terpan.pid())).containsExactly(DAEMON);
            assertThat(terpan.command("reload").code()).isZero();
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " two 2");
        }
    }

    @Test
    void lowPortsOfTheWebAreBoundAtAReloadAndOthersNot() throws Exception {
        settings("bind = [\"127.0.0.1:0\"]", "");
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "yes"),
                List.of("--config", folder.resolve("terpan.toml").toString()))) {
            LoadIT.awaitWorkers(terpan, 2);
            settings("bind = [\"127.0.0.1:0\", \"127.0.0.21:80\"]", "");
            Program.Ended reloaded = terpan.command("reload");
            assertThat(reloaded.code()).as(reloaded.err()).isZero();
            try (Connection connection = Connection.to(new InetSocketAddress("127.0.0.21", 80))) {
                assertThat(connection.get("/").body()).isEqualTo(NOBODY + " one ");
            }
            settings("bind = [\"127.0.0.1:0\", \"127.0.0.21:25\"]", "");
            Program.Ended refused = terpan.command("reload");
            assertThat(refused.code()).isNotZero();
            assertThat(refused.err()).contains("port 25 is neither 80 nor 443");
        }
    }

    @Test
    void aKeyAndALogThatAreRootsAloneAreOpenedAgain() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        mode(closed, "rwx------");
        CertificatesIT.make(closed, "first", "3", "DNS:localhost");
        settings("""
                bind = ["127.0.0.1:0,tls"]
                [tls]
                certificate = "%1$s/first.pem"
                key = "%1$s/first.key"
                [log]
                file = "%1$s/terpan.log"
                """.formatted(closed), "");
        try (RunningTerpan terpan = RunningTerpan.start(
                Map.of(RunningTerpan.BIND_OF_FILE, "yes"),
                List.of("--config", folder.resolve("terpan.toml").toString()))) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(shown(terpan)).isEqualTo("CN=first");
            CertificatesIT.make(closed, "second", "3", "DNS:localhost");
            for (String end : List.of(".key", ".pem")) {
                Files.move(
                        closed.resolve("second" + end), closed.resolve("first" + end), StandardCopyOption.ATOMIC_MOVE);
            }
            await().atMost(SEEN_MOST).until(() -> shown(terpan).equals("CN=second"));

            Path log = closed.resolve("terpan.log");
            Files.move(log, closed.resolve("terpan.log.1"));
            terpan.signal("USR1");
            await().until(() -> Files.exists(log));
            assertThat(terpan.command("restart", "builtin-1").code()).isZero();
            await().until(() -> Files.readString(log).contains("worker state"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log)))
                    .isEqualTo("rw-r-----");
        }
    }

    private static String shown(RunningTerpan terpan) throws IOException {
        InetSocketAddress address = (InetSocketAddress) terpan.address();
        try (SSLSocket socket = (SSLSocket)
                TestCertificates.trusting().getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
            socket.startHandshake();
            X509Certificate own = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return own.getSubjectX500Principal().getName();
        }
    }

    @Test
    void aSocketInAFolderOfRootsGoesAndTheDirectoryServesTheNextStart() throws Exception {
        Path socket = folder.resolve("shop.sock");
        settings("bind = [\"unix:" + socket + ",mode=0666\"]", "");
        Path run = RunningTerpan.newRunDirectory();
        for (int i = 0; i < 2; i++) {
            try (RunningTerpan terpan = RunningTerpan.startIn(
                    run,
                    Map.of(RunningTerpan.BIND_OF_FILE, "yes"),
                    List.of("--config", folder.resolve("terpan.toml").toString()))) {
                LoadIT.awaitWorkers(terpan, 2);
                try (Connection connection = Connection.to(UnixDomainSocketAddress.of(socket))) {
                    assertThat(connection.get("/").body()).isEqualTo(NOBODY + " one ");
                }
                if (i == 0) {
                    // With its helper, so that nobody has removed a name.
                    terpan.expectLeftovers();
                    Processes.kill(helperOf(terpan), "KILL");
                    terpan.signal("KILL");
                    assertThat(terpan.exitCode()).isEqualTo(137);
                }
            }
        }
        assertThat(Files.exists(socket)).isFalse();
    }

    /** What the helper before, whose front was killed, removes at its end is not what the next one has made. */
    @Test
    void oneThatIsKilledIsStartedAgainAtOnce() throws Exception {
        settings("", "");
        Files.writeString(
                folder.resolve("one/app.py"),
                APPLICATION + "import signal, threading\n"
                        + "threading.Thread(target=threading.Event().wait, args=(60,)).start()\n");
        Path run = RunningTerpan.newRunDirectory();
        List<String> arguments =
                List.of("--config", folder.resolve("terpan.toml").toString());
        for (int i = 0; i < 3; i++) {
            try (RunningTerpan terpan = RunningTerpan.startIn(run, Map.of(), arguments)) {
                LoadIT.awaitWorkers(terpan, 2);
                assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " one ");
                assertThat(terpan.command("status").code()).isZero();
                if (i < 2) {
                    terpan.expectLeftovers();
                    terpan.signal("KILL");
                    assertThat(terpan.exitCode()).isEqualTo(137);
                }
            }
        }
    }

    @Test
    void withoutItsHelperTheFrontEndsLoudly() throws Exception {
        settings("", "");
        try (RunningTerpan terpan = serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            terpan.expectLeftovers();
            Processes.kill(helperOf(terpan), "KILL");
            terpan.awaitLine("root's helper has ended");
            assertThat(terpan.exitCode()).isEqualTo(12);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> terpan.otherProcesses().isEmpty());
        }
    }

    private static long helperOf(RunningTerpan terpan) {
        return terpan.otherProcesses().stream()
                .filter(pid -> Processes.commandLine(pid).contains("root's helper"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void ofSeveralApplicationsEachHasItsUser() throws Exception {
        Files.writeString(folder.resolve("terpan.toml"), """
                [[applications]]
                name = "shop"
                routes = ["shop.example"]
                [applications.application]
                name = "app:application"
                chdir = "%1$s/one"
                python = "/usr/bin/python3"
                user = "nobody"
                [[applications]]
                name = "blog"
                routes = ["blog.example"]
                [applications.application]
                name = "app:application"
                chdir = "%1$s/one"
                python = "/usr/bin/python3"
                user = "games"
                """.formatted(folder));
        try (RunningTerpan terpan = serve()) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> of(terpan, "shop.example").status() == 200
                            && of(terpan, "blog.example").status() == 200);
            assertThat(of(terpan, "shop.example").body()).startsWith(NOBODY + " ");
            assertThat(of(terpan, "blog.example").body()).startsWith("5 ");
            assertThat(users(terpan.pid())).containsExactly(DAEMON);
            assertThat(terpan.command("reload", "blog").code()).isZero();
            assertThat(of(terpan, "blog.example").body()).startsWith("5 ");

            Files.writeString(
                    folder.resolve("terpan.toml"),
                    Files.readString(folder.resolve("terpan.toml")).replace("user = \"games\"", "user = \"root\""));
            Program.Ended asRoot = terpan.command("reload", "blog");
            assertThat(asRoot.code()).isNotZero();
            assertThat(asRoot.err()).contains("user is not as at the start", "terpan upgrade");
            assertThat(of(terpan, "blog.example").body()).startsWith("5 ");
        }
    }

    private static Answer of(RunningTerpan terpan, String host) throws IOException {
        try (Connection connection = terpan.connect()) {
            return connection
                    .send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .read();
        }
    }

    @ParameterizedTest
    @CsvSource({"root, 0", "games, 5"})
    void theFrontIsWhomTheSettingsName(String name, String number) throws Exception {
        settings("[admin]\nfront-user = \"" + name + "\"", "");
        try (RunningTerpan terpan = serve()) {
            LoadIT.awaitWorkers(terpan, 2);
            assertThat(users(terpan.pid())).containsExactly(number);
            assertThat(terpan.get("/").body()).isEqualTo(NOBODY + " one ");
        }
    }

    @ParameterizedTest
    @CsvSource({"nobody, which is application.user", "no-such-user, there is no user of that name"})
    void whomItCanNotBecomeIsToldBeforeItServes(String name, String why) throws Exception {
        settings("[admin]\nfront-user = \"" + name + "\"", "");
        Program.Ended ended = Program.run(
                folder, "serve", "--config", folder.resolve("terpan.toml").toString(), "--bind", "127.0.0.1:0");
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).contains(why);
    }

    @Test
    void aSpoolThatItCanNotWriteToIsToldBeforeItServes() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("spool"));
        mode(closed, "rwx------");
        settings("", "");
        Program.Ended ended = Program.run(
                folder,
                "serve",
                "--config",
                folder.resolve("terpan.toml").toString(),
                "--bind",
                "127.0.0.1:0",
                "--spool-directory",
                closed.toString());
        assertThat(ended.code()).isEqualTo(6);
        assertThat(ended.err()).contains("it can not write to " + closed, "admin.front-user");
    }
}
