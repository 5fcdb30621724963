package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The script {@code terpan} in a copy of the tree, where a stand-in for Maven writes the jar in place as Maven does. */
@Timeout(300)
final class LauncherIT {
    private static final Path JAR =
            Path.of(System.getProperty("terpan.jar", "target/terpan.jar")).toAbsolutePath();
    private static final int SECONDS = 120;
    private static final String MODULES = "java.base,java.logging,jdk.unsupported,java.net.http";

    private record Ended(int code, String out, String err) {}

    private Path folder = Path.of("/nowhere");
    private Path tree = Path.of("/nowhere");

    @BeforeEach
    void aCopyOfTheTree() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "tl");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        tree = Files.createDirectory(folder.resolve("tree"));
        for (String name : List.of(
                "terpan",
                "pom.xml",
                "scripts/find-jdk",
                "scripts/run-java",
                "scripts/build-jar",
                "scripts/train-aot")) {
            Path copy = tree.resolve(name);
            Files.createDirectories(tree.resolve(name).resolve(".."));
            Files.copy(Repository.ROOT.resolve(name), copy, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createDirectories(tree.resolve("src/main"));
        Files.createDirectories(tree.resolve("python/terpan_worker"));
        Files.createDirectory(folder.resolve("bin"));
        Path maven = Files.writeString(folder.resolve("bin/mvn"), """
                #!/bin/sh
                echo built >> FOLDER/builds
                mkdir -p target/lib
                cat JAR > target/terpan.jar
                cp LIBRARIES/*.jar target/lib
                """.replace("FOLDER", folder.toString())
                .replace("JAR", JAR.toString())
                .replace("LIBRARIES", JAR.resolveSibling("lib").toString()));
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeIt() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList().reversed()) {
                Files.delete(path);
            }
        }
    }

    private ProcessBuilder terpan(String... arguments) {
        List<String> command = new ArrayList<>(List.of(tree.resolve("terpan").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().merge("PATH", folder.resolve("bin") + ":", (path, first) -> first + path);
        return builder;
    }

    private Ended run(ProcessBuilder builder) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private long builds() throws IOException {
        Path counted = folder.resolve("builds");
        return Files.exists(counted) ? Files.readAllLines(counted).size() : 0;
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino");
    }

    /** As a person does who pulls a newer version. */
    private void changeASource() throws IOException {
        Path source = tree.resolve("src/main/Changed.java");
        Files.writeString(source, "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
    }

    @Test
    void commandsThatLookNeverBuildWhatIsThereAndSayThatTheTreeIsNewer() throws Exception {
        assertThat(run(terpan("version")).code()).as("nothing was there").isZero();
        assertThat(builds()).isOne();
        assertThat(run(terpan("version")).err()).isEmpty();
        changeASource();
        for (String look : List.of("version", "servers", "doctor", "check", "completion", "help", "--help", "-V")) {
            assertLooks(look);
        }
        // Without a directory they would find, and stop, whatever Terpan is the only one on the machine.
        for (String look : List.of("status", "stop", "restart")) {
            assertLooks(look, "--run-directory", folder.resolve("nothing").toString());
        }
        assertThat(builds()).isOne();
        assertThat(run(terpan("serve", "--no-such-flag")).err()).contains("terpan: building");
        assertThat(builds()).isEqualTo(2);
    }

    private void assertLooks(String... command) throws Exception {
        assertThat(run(terpan(command)).err())
                .as(command[0])
                .contains("the source tree is newer than what runs", "/terpan build\n")
                .doesNotContain("building");
    }

    @Test
    void aRunningTerpanKeepsWhatItWasStartedFrom() throws Exception {
        assertThat(run(terpan("build")).code()).isZero();
        Path jar = tree.resolve("target/run/terpan.jar");
        Path cache = tree.resolve("target/run/terpan.aot");
        Object firstJar = inode(jar);
        Object firstCache = inode(cache);
        Files.writeString(folder.resolve("app.py"), """
                def application(environ, start_response):
                    start_response("200 OK", [])
                    return [b"Hello"]
                """);
        String directory = folder.resolve("r").toString();
        Process serving = terpan("serve", "app.py", "--bind", "127.0.0.1:0", "--run-directory", directory)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("served").toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(folder.resolve("served")).contains("Stop        Ctrl-C"));
            changeASource();
            Ended built = run(terpan("build"));
            assertThat(built.code()).as(built.err()).isZero();
            assertThat(inode(jar)).isNotEqualTo(firstJar);
            assertThat(inode(cache)).isNotEqualTo(firstCache);
            assertThat(heldBy(serving.pid())).contains(jar + " (deleted)").doesNotContain(jar.toString());
            assertThat(run(terpan("status", "--run-directory", directory)).code())
                    .isZero();
            assertThat(run(terpan("stop", "--run-directory", directory)).code()).isZero();
            assertThat(serving.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            serving.destroyForcibly();
        }
    }

    @Test
    void aJreRunsWhatIsBuiltAndOnlyBuildingNeedsAJdk() throws Exception {
        Path jre = folder.resolve("jre");
        assertThat(java.util.spi.ToolProvider.findFirst("jlink")
                        .orElseThrow()
                        .run(System.out, System.err, "--add-modules", MODULES, "--output", jre.toString()))
                .isZero();
        assertThat(jre.resolve("bin/javac")).doesNotExist();
        // No other Java is found, on the path or in the usual places.
        Path find = tree.resolve("scripts/find-jdk");
        Files.writeString(
                find,
                Files.readString(find)
                        .replace("command -v java", "command -v no-such-java")
                        .replaceAll("for JAVA_HOME in (?s:.*?); do", "for JAVA_HOME in /nowhere/*; do"));
        assertThat(run(onlyWith(jre, "serve", "app.py"))).satisfies(ended -> {
            assertThat(ended.code()).isEqualTo(69);
            assertThat(ended.err())
                    .startsWith("terpan: no JDK 25 or later, which building needs, was found")
                    .contains(
                            "JAVA_HOME is " + jre + ", a JRE (it has no bin/javac): it runs Terpan once that is built");
        });
        assertThat(run(onlyWith(Path.of(System.getProperty("java.home")), "build")))
                .satisfies(ended -> assertThat(ended.code()).as(ended.err()).isZero());
        assertThat(run(onlyWith(jre, "version")))
                .satisfies(ended -> assertThat(ended.out()).as(ended.err()).contains("Java 25"));
        Ended again = run(onlyWith(jre, "serve", "--no-such-flag"));
        assertThat(again.code()).as(again.err()).isEqualTo(2);
        assertThat(again.err()).contains("making the start-up cache").doesNotContain("no start-up cache");
        assertThat(builds()).isOne();
        Path bare = folder.resolve("bare");
        assertThat(java.util.spi.ToolProvider.findFirst("jlink")
                        .orElseThrow()
                        .run(System.out, System.err, "--add-modules", "java.base", "--output", bare.toString()))
                .isZero();
        assertThat(run(onlyWith(bare, "version")).err())
                .startsWith("terpan: no Java 25 or later was found")
                .contains("JAVA_HOME is " + bare + ", which lacks the module java.logging");
    }

    private ProcessBuilder onlyWith(Path java, String... arguments) {
        ProcessBuilder builder = terpan(arguments);
        builder.environment().put("JAVA_HOME", java.toString());
        return builder;
    }

    private static List<String> heldBy(long pid) throws IOException {
        List<String> held = new ArrayList<>();
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path link : open.toList()) {
                held.add(Files.readSymbolicLink(link).toString());
            }
        }
        return held;
    }

    @Test
    void withoutALocaleOfUtf8BytesGoThroughAsTheyAre() throws Exception {
        Path site = Files.createDirectory(folder.resolve("site"));
        Files.writeString(site.resolve("app.py"), """
                import os

                def application(environ, start_response):
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    names = [b"GIVEN", b"FILED", b"INHERITED", b"LC_ALL", b"PWD"]
                    return [b"|".join(os.environb.get(name, b"-") for name in names)]
                """);
        Path script = Files.writeString(
                site.resolve("run.sh"), """
                mkdir -p 'SITE/Zürich' && cd 'SITE/Zürich' && cp ../app.py . && echo 'FILED=fünf' > env
                export INHERITED="$(printf 'caf\\351')"
                exec TREE/terpan serve app.py --workers 1 --env 'GIVEN=Zürich €' --env-file env --bind unix:SITE/s --run-directory SITE/run
                """.replace("SITE", site.toString()).replace("TREE", tree.toString()));
        ProcessBuilder builder = terpan();
        builder.command(List.of("sh", script.toString()));
        builder.environment().put("LC_ALL", "C");
        Process serving = builder.redirectError(folder.resolve("log").toFile()).start();
        try {
            await().atMost(Duration.ofSeconds(SECONDS)).until(() -> Files.exists(site.resolve("s")));
            Process curl = new ProcessBuilder("curl", "--silent", "--unix-socket", site + "/s", "http://a/")
                    .redirectOutput(folder.resolve("answer").toFile())
                    .start();
            assertThat(curl.waitFor()).isZero();
            assertThat(Files.readString(folder.resolve("answer"), java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo(new String(
                                    "Zürich €|fünf|".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                                    java.nio.charset.StandardCharsets.ISO_8859_1)
                            + "caf\u00e9|C|"
                            + new String(
                                    (site + "/Zürich").getBytes(java.nio.charset.StandardCharsets.UTF_8),
                                    java.nio.charset.StandardCharsets.ISO_8859_1));
        } finally {
            serving.destroy();
            assertThat(serving.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whoCanNotWriteThereRunsWhatIsBuilt() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        ProcessBuilder nothing = terpan("version");
        List<String> asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        nothing.command().addAll(0, asNobody);
        assertThat(run(nothing).err()).contains("nothing is built in", "/terpan build");
        assertThat(run(terpan("build")).code()).isZero();
        changeASource();
        for (String command : List.of("version", "serve")) {
            ProcessBuilder builder = terpan(command, "--help");
            builder.command().addAll(0, asNobody);
            Ended ended = run(builder);
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.err()).contains("the source tree is newer").doesNotContain("building");
        }
        ProcessBuilder build = terpan("build");
        build.command().addAll(0, asNobody);
        assertThat(run(build).code()).isEqualTo(70);
        assertThat(builds()).isOne();
    }
}
