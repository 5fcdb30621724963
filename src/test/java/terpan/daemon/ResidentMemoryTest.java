package terpan.daemon;

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
    void withoutAProcessItIsNotKnown() {
        assertThat(ResidentMemory.of(0)).isEqualTo(OptionalLong.empty());
    }
}
