package terpan.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ProcessorTimeTest {
    /** A name that looks like the end of one, and a child that was waited for and one that was not. */
    private static final String WORKS = """
            import ctypes, os, subprocess, sys, time
            ctypes.CDLL(None).prctl(15, b") R 1 9 9", 0, 0, 0)
            work = "import time\\nwhile time.process_time() < 0.3: pass\\nprint('there', flush=True)\\n"
            subprocess.run([sys.executable, "-c", work], stdout=subprocess.DEVNULL)
            child = subprocess.Popen([sys.executable, "-c", work + "import sys; sys.stdin.read()"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            child.stdout.readline()
            while time.process_time() < 0.3:
                pass
            print("there", flush=True)
            sys.stdin.read()
            """;

    @Test
    void aProcessCountsWithAllThatIsAndWasBelowIt() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("python3", "-c", WORKS).start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("there");
            assertThat(ProcessorTime.of(process.pid()).orElseThrow().worked()).isBetween(0.85, 3.0);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void withoutAProcessItIsNotKnown() {
        assertThat(ProcessorTime.of(0)).isEmpty();
    }
}
