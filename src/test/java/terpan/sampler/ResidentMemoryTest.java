package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ResidentMemoryTest {
    private static final long MIB = 1024 * 1024;

    @Test
    void aProcessCountsWithAllThatIsBelowIt() throws IOException, InterruptedException {
        String held = "held = bytearray(b'x') * (60 << 20); ";
        Process parent = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import subprocess, sys, threading; " + held + "threading.Thread(target=lambda: "
                                + "subprocess.run([sys.executable, '-c', \"import sys; " + held
                                + "print('there', flush=True); sys.stdin.read()\"])).start()")
                .start();
        try {
            assertThat(parent.inputReader().readLine()).isEqualTo("there");
            assertThat(ResidentMemory.of(parent.pid()).orElseThrow()).isBetween(120 * MIB, 180 * MIB);
            long child = parent.children().findFirst().orElseThrow().pid();
            assertThat(ResidentMemory.of(child).orElseThrow()).isBetween(60 * MIB, 90 * MIB);
        } finally {
            parent.getOutputStream().close();
            parent.waitFor();
        }
        assertThat(ResidentMemory.of(parent.pid())).isEmpty();
    }

    @Test
    void whatForkedProcessesShareCountsOnceInParts() throws IOException, InterruptedException {
        Process parent = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import os, signal, sys; held = bytearray(b'x') * (60 << 20); [os.fork() or signal.pause() for i in range(3)]; "
                                + "print('there', flush=True); sys.stdin.read()")
                .start();
        try {
            assertThat(parent.inputReader().readLine()).isEqualTo("there");
            assertThat(ResidentMemory.of(parent.pid()).orElseThrow()).isGreaterThan(240 * MIB);
            assertThat(ResidentMemory.inPart(parent.pid()).orElseThrow()).isBetween(60 * MIB, 120 * MIB);
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly();
        }
        assertThat(ResidentMemory.inPart(0)).isEmpty();
    }

    /** A title that was cut within a letter, say. */
    @Test
    void aNameThatIsNoTextHidesNothing() throws IOException, InterruptedException {
        assertThat(started("import ctypes; ctypes.CDLL(None).prctl(15, b'caf\\xc3', 0, 0, 0)", 10))
                .isPresent();
    }

    @Test
    void ofMoreProcessesThanOneWouldLookAtNothingIsKnown() throws IOException, InterruptedException {
        String forks = "import os, signal; [os.fork() or signal.pause() for i in range(9)]";
        assertThat(started(forks, 10)).isPresent();
        assertThat(started(forks, 9)).isEmpty();
    }

    /** The memory of a process that has come so far. */
    private static OptionalLong started(String program, int processesMost) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "python3", "-c", program + "; print('there', flush=True); import sys; sys.stdin.read()")
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("there");
            return ResidentMemory.of(process.pid(), processesMost);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void withoutAProcessItIsNotKnown() {
        assertThat(ResidentMemory.of(0)).isEqualTo(OptionalLong.empty());
    }
}
