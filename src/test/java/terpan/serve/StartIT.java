package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts that fail: one clear message, the right exit code, no stack trace, nothing left. */
@Timeout(60)
final class StartIT {
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

    @TempDir
    private Path folder;

    @Test
    void anApplicationThatRaisesAtImportIsShownWithItsTraceback() throws Exception {
        Program.Ended ended = serve("raises:application");
        assertFailed(ended, 4, "RuntimeError: no database named shop", "raises.py\", line 3");
    }

    @Test
    void besideAttachedWorkersItIsShownToo() throws Exception {
        try (ServerSocket worker = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Program.Ended ended = serve("raises:application", "--attach", "127.0.0.1:" + worker.getLocalPort());
            assertFailed(ended, 4, "RuntimeError: no database named shop", "raises.py\", line 3");
        }
    }

    @Test
    void aMissingInterpreterIsNamed() throws Exception {
        Path run = Files.createTempDirectory(Path.of("/tmp"), "ts");
        Program.Ended ended = Program.run(
                folder,
                "serve",
                "everything:application",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                "/nowhere/python3",
                "--bind",
                "127.0.0.1:0",
                "--run-directory",
                run.toString());
        assertFailed(ended, 7, "/nowhere/python3");
        removeRun(run);
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program.Ended ended = serve("everything:application", "--bind", "127.0.0.1:" + holder.getLocalPort());
            assertFailed(ended, 5, "127.0.0.1:" + holder.getLocalPort(), "--bind");
        }
    }

    @Test
    void aStartThatHangsSaysHowLongItMayTakeWhichSettingThatIsAndWhereItHangs() throws Exception {
        Files.writeString(folder.resolve("slow.py"), """
                import time

                def connect():
                    time.sleep(100)

                connect()
                """);
        for (String server : List.of("builtin", "gunicorn", "waitress")) {
            Path run = Files.createTempDirectory(Path.of("/tmp"), "ts");
            Program.Ended ended = Program.run(
                    folder,
                    "serve",
                    "slow.py",
                    "--server",
                    server,
                    "--start-timeout",
                    "6s",
                    "--workers",
                    "1",
                    "--python",
                    Program.python().toString(),
                    "--bind",
                    "127.0.0.1:0",
                    "--run-directory",
                    run.toString());
            assertFailed(
                    ended,
                    4,
                    server
                            + "-1 was not ready within 6s (start-timeout of [workers] in the settings file, or --start-timeout)",
                    "It was at:",
                    "slow.py\", line 4 in connect",
                    "slow.py\", line 6 in <module>");
            removeRun(run);
        }
    }

    @Test
    void tooFewDescriptorsAreToldInOneLine() throws Exception {
        Path run = Files.createTempDirectory(Path.of("/tmp"), "ts");
        Program.Ended ended =
                Program.runWithin(List.of("prlimit", "--nofile=40"), folder, arguments("everything:application", run));
        assertFailed(ended, 3, "too few open files are allowed: 40, at least ", "LimitNOFILE=");
        assertThat(ended.err()).hasLineCount(1);
        removeRun(run);
    }

    @Test
    void aPortOrFolderThatIsNotForThisUserIsToldWithWhatToDo() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        if (!nobodyReads(Program.APPLICATIONS) || !nobodyReads(Program.JAR)) {
            return; // Terpan lies where it is root's alone: BindRefusalTest has the same words
        }
        String open = Files.readString(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
        if (Integer.parseInt(open.strip()) > 80) { // in some containers every port is open to all
            Program.Ended port = asNobody("--bind", ":80");
            assertFailed(
                    port, 5, "cannot listen on 0.0.0.0:80: permission denied", "AmbientCapabilities=", "sysctl net.");
        }
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Program.Ended hidden = asNobody("--bind", "unix:" + closed.resolve("s"));
        assertFailed(hidden, 5, "may not enter " + folder, "chmod a+x");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-xr-x"));
        Program.Ended folderOfOthers = asNobody("--bind", "unix:" + closed.resolve("s"));
        assertFailed(folderOfOthers, 5, "may not make files in " + closed + " (root, rwxr-xr-x)", "RuntimeDirectory=");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (ServerSocketChannel theirs = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            theirs.bind(UnixDomainSocketAddress.of(closed.resolve("s")));
            Program.Ended socketOfOthers = asNobody("--bind", "unix:" + closed.resolve("s"));
            assertFailed(socketOfOthers, 5, "a socket that is not this user's is in the way");
            assertThat(closed.resolve("s")).exists();
        }
    }

    private static boolean nobodyReads(Path path) throws Exception {
        List<String> command = new ArrayList<>(AS_NOBODY);
        command.addAll(List.of("test", "-r", path.toString()));
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    private Program.Ended asNobody(String... more) throws Exception {
        Path run = Files.createTempDirectory(Path.of("/tmp"), "ts");
        Files.setAttribute(run, "unix:uid", 65_534);
        List<String> all = new ArrayList<>(List.of(arguments("everything:application", run)));
        all.set(all.indexOf("--python") + 1, "/usr/bin/python3");
        all.addAll(List.of(more));
        Program.Ended ended = Program.runWithin(AS_NOBODY, Path.of("/"), all.toArray(String[]::new));
        removeRun(run);
        return ended;
    }

    @Test
    void aRunDirectoryThatIsNotOursIsNamed() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may give a directory away");
        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        assertThat(new ProcessBuilder("chown", "65534", theirs.toString())
                        .start()
                        .waitFor())
                .isZero();
        Program.Ended ended = Program.run(folder, arguments("everything:application", theirs));
        assertFailed(ended, 6, theirs.toString());
    }

    @Test
    void aRunDirectoryThatIsHeldNamesItsHolder() throws Exception {
        try (RunningTerpan first = Setup.BUILTIN.serve()) {
            Program.Ended second = Program.run(folder, arguments("everything:application", first.runDirectory()));
            assertFailed(second, 6, first.runDirectory().toString(), Long.toString(first.pid()));
            assertThat(first.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void aRunDirectoryWithTooLongAPathSaysHowLongItMayBe() throws Exception {
        Path deep = folder.resolve("d".repeat(107));
        Program.Ended ended = Program.run(folder, arguments("everything:application", deep));
        assertFailed(ended, 3, deep.toString(), "has " + deep.toString().length() + " bytes", "107");
    }

    @Test
    void aSocketToBindWithTooLongAPathIsAWrongSetting() throws Exception {
        Program.Ended ended = serve("everything:application", "--bind", "unix:/tmp/" + "s".repeat(103));
        assertFailed(ended, 3, "107");
    }

    @Test
    void fiveMistakesInTheSettingsFileAreAllTold() throws Exception {
        Path settings = folder.resolve("terpan.toml");
        Files.writeString(settings, """
                bind = "127.0.0.1:99999"

                [workers]
                cuont = 2
                threads = "many"

                [http]
                max-body = "12 parsecs"

                [log]
                level = "loud"
                """);
        Program.Ended ended = Program.run(folder, "serve", "everything:application", "--config", settings.toString());
        assertFailed(ended, 3, "99999", "count", "threads", "max-body", "loud");
        String name = settings.getFileName() + ":";
        assertThat(ended.err()).contains(name + "1:", name + "4:", name + "5:", name + "8:", name + "11:");
    }

    @Test
    void anUnknownServerIsAWrongSetting() throws Exception {
        assertFailed(serve("everything:application", "--server", "waitres"), 3, "waitres", "waitress");
    }

    @Test
    void anAsgiApplicationUnderAServerOfWsgiOnesIsRefusedWithTheServersThatRunIt() throws Exception {
        String application = "asynchronous:application";
        assertFailed(serve(application), 3, "is an ASGI application", "'builtin'", "uvicorn, hypercorn, granian");
        assertFailed(serve(application, "--interface", "asgi"), 3, "'builtin' does not run ASGI", "uvicorn");
        Program.Ended checked = Program.run(
                folder,
                "check",
                application,
                "--server",
                "waitress",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                Program.python().toString());
        assertFailed(checked, 3, "is an ASGI application", "'waitress'", "uvicorn, hypercorn, granian");
    }

    @Test
    void anApplicationThatIsNotThereIsNamed() throws Exception {
        assertFailed(serve("nothing:application"), 4, "nothing");
    }

    @Test
    void anUnknownOptionIsAMistakeOfUsage() throws Exception {
        assertFailed(Program.run(folder, "serve", "--wrokers", "2"), 2, "--wrokers");
    }

    @Test
    void statusWithoutARunningTerpanSaysSo() throws Exception {
        assertFailed(Program.run(folder, "status", "--run-directory", folder.toString()), 8, folder.toString());
    }

    @Test
    void platformVariablesSayWhereAndHowMany() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> platform = Map.of("PORT", Integer.toString(port), "WEB_CONCURRENCY", "3");
        try (RunningTerpan terpan = RunningTerpan.start(platform, "everything:application")) {
            assertThat(terpan.address().toString()).endsWith(":" + port);
            LoadIT.awaitWorkers(terpan, 3);
        }
    }

    private Program.Ended serve(String application, String... more) throws Exception {
        Path run = Files.createTempDirectory(Path.of("/tmp"), "ts");
        List<String> all = new ArrayList<>(List.of(arguments(application, run)));
        all.addAll(List.of(more));
        if (!List.of(more).contains("--bind")) {
            all.addAll(List.of("--bind", "127.0.0.1:0"));
        }
        Program.Ended ended = Program.run(folder, all.toArray(String[]::new));
        removeRun(run);
        return ended;
    }

    private static String[] arguments(String application, Path run) {
        return new String[] {
            "serve",
            application,
            "--chdir",
            Program.APPLICATIONS.toString(),
            "--python",
            Program.python().toString(),
            "--run-directory",
            run.toString()
        };
    }

    /** No socket of the failed start is left. */
    private static void removeRun(Path run) throws IOException {
        Files.deleteIfExists(run.resolve("lock"));
        Files.delete(run);
    }

    private static void assertFailed(Program.Ended ended, int code, String... parts) {
        assertThat(ended.code()).as(ended.err()).isEqualTo(code);
        assertThat(ended.err()).contains(parts);
        assertThat(ended.err()).doesNotContain("\tat ", "java.", "Exception in thread");
    }
}
