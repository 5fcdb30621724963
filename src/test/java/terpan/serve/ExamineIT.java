package terpan.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that examine without serving, as a person types them. */
@Timeout(180)
final class ExamineIT {
    @TempDir
    private Path folder;

    @Test
    void serversListsWhatAnEnvironmentHas() throws Exception {
        Program.Ended ended =
                Program.run(folder, "servers", "--python", Program.python().toString());
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out())
                .containsPattern("(?m)^CPython 3\\.\\d+\\.\\d+.*, .*test-env/bin/python3$")
                .containsPattern("(?m)^waitress +\\d\\S+ +its threads \\(4 unless set\\)$")
                .containsPattern("(?m)^uwsgi +2\\.\\S+ +its threads \\(1 unless set\\)$")
                .containsPattern("(?m)^builtin +comes with Terpan +its threads \\(1 unless set\\)$");
    }

    @Test
    void serversNamesTheCommandThatInstallsWhatIsMissing() throws Exception {
        Path bare = folder.resolve("bare");
        assertThat(new ProcessBuilder(Program.python().toString(), "-m", "venv", "--without-pip", bare.toString())
                        .start()
                        .waitFor())
                .isZero();
        Program.Ended ended = Program.run(folder, "servers", "--json", "--python", bare.toString());
        assertThat(ended.code()).isZero();
        assertThat(ended.out())
                .contains("{\"name\":\"waitress\",\"there\":false,\"version\":null,")
                .contains("\"missing\":[\"waitress\"],\"install\":\"pip install waitress\",\"faults\":[]}")
                .contains("{\"name\":\"builtin\",\"there\":true,");
    }

    @Test
    void whatIsNoPythonIsToldInOneMessage() throws Exception {
        Path odd = Files.writeString(folder.resolve("odd"), "#!/bin/sh\necho not this\n");
        assertThat(odd.toFile().setExecutable(true)).isTrue();
        Program.Ended ended = Program.run(folder, "servers", "--python", odd.toString());
        assertThat(ended.code()).isEqualTo(7);
        assertThat(ended.err()).contains("did not start as a Python 3 interpreter", "not this");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"builtin", "waitress", "gunicorn"})
    void aProbeFindsWhatTheProfileSays(String server) throws Exception {
        Program.Ended ended = Program.run(
                folder, "probe", server, "--python", Program.python().toString(), "--idle", "1");
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out())
                .contains("It does what its profile says.")
                .containsPattern("(?m)^mode of the socket +rw------- +rw-------$")
                .containsPattern("(?m)^end after TERM +(exit status 0|killed by signal 15)$");
        if (!server.equals("builtin")) {
            assertThat(ended.out()).contains("at work at once", "bare REMOTE_ADDR", "100 (Continue)");
        }
    }

    @Test
    void aProbeOfWhatIsNotThereSaysHowToInstallIt() throws Exception {
        Path bare = folder.resolve("bare");
        assertThat(new ProcessBuilder(Program.python().toString(), "-m", "venv", "--without-pip", bare.toString())
                        .start()
                        .waitFor())
                .isZero();
        Program.Ended ended = Program.run(folder, "probe", "waitress", "--python", bare.toString());
        assertThat(ended.code()).isEqualTo(4);
        assertThat(ended.err()).contains("to install it: pip install waitress");
    }

    @Test
    void theDoctorFindsAMissingServerAndATakenPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program.Ended ended = Program.run(
                    folder,
                    "doctor",
                    "everything:application",
                    "--chdir",
                    Program.APPLICATIONS.toString(),
                    "--python",
                    "/usr/bin/python3",
                    "--server",
                    "waitress",
                    "--bind",
                    "127.0.0.1:" + taken.getLocalPort());
            assertThat(ended.code()).as(ended.err()).isEqualTo(11);
            assertThat(ended.out())
                    .containsPattern("(?m)^problem +server .*waitress.*; to do: pip install waitress$")
                    .containsPattern(
                            "(?m)^problem +address +cannot listen on 127.0.0.1:\\d+: process \\d+ .* listens there; to do: ")
                    .containsPattern("(?m)^ok +interpreter +CPython 3")
                    .contains("2 problems");
        }
    }

    /** As a service's user has it, who has no home. */
    @Test
    void whereNoCacheCanBeKeptTheApplicationIsCheckedAllTheSame() throws Exception {
        Program.Ended ended = Program.run(
                Map.of("HOME", "/dev/null", "XDG_CACHE_HOME", "/dev/null"),
                folder,
                "check",
                "everything:application",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                Program.python().toString());
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    @Test
    void theDoctorImportsTheApplication() throws Exception {
        Program.Ended ended = Program.run(
                folder,
                "doctor",
                "raises:application",
                "--json",
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                Program.python().toString(),
                "--bind",
                "127.0.0.1:0");
        assertThat(ended.code()).as(ended.out()).isEqualTo(11);
        assertThat(ended.out()).contains("\"level\":\"problem\",\"subject\":\"application\"", "does not import");
    }

    @Test
    void theDoctorWarnsOfStateThatSeveralWorkersDoNotShare() throws Exception {
        Program.Ended ended = doctorOfPolling("2");
        assertThat(ended.code()).as(ended.out()).isZero();
        assertThat(ended.out())
                .containsPattern(
                        "(?m)^warning +state +polling.py uses Socket.IO, .*2 workers.*; to do: --choice sticky");
        assertThat(doctorOfPolling("1").out()).doesNotContain("Socket.IO");
    }

    private Program.Ended doctorOfPolling(String workers) throws Exception {
        return Program.run(
                folder,
                "doctor",
                "polling:application",
                "--workers",
                workers,
                "--chdir",
                Program.APPLICATIONS.toString(),
                "--python",
                Program.python().toString(),
                "--bind",
                "127.0.0.1:0");
    }
}
