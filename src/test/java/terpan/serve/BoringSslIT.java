package terpan.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is in C in the front, in a process of its own that may die of it: under an allocator that watches what is freed. {@code
 * -Dterpan.tls.handshakes=1000000} makes it many more.
 */
final class BoringSslIT {
    private static final int HANDSHAKES = Integer.getInteger("terpan.tls.handshakes", 12_000);
    private static final int GROWN_MOST_KIB = 16 * 1024;

    /** It checks its own marks around each piece of memory as it is freed, and ends the process where one is amiss. */
    private static final List<Path> WATCHING = List.of(
            Path.of("/lib/x86_64-linux-gnu/libc_malloc_debug.so.0"),
            Path.of("/lib/aarch64-linux-gnu/libc_malloc_debug.so.0"));

    @TempDir
    private Path folder;

    @Test
    @Timeout(3_000)
    void tensOfThousandsOfHandshakesWholeAndBrokenLeakNothingAndBreakNothing() throws Exception {
        long seed = System.nanoTime();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms48m",
                "-Xmx48m",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-XX:TrimNativeHeapInterval=200",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-Dterpan.basedir=" + System.getProperty("terpan.basedir", "."),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "terpan.tls.Hammer",
                Integer.toString(HANDSHAKES),
                Long.toString(seed)));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().put("MALLOC_PERTURB_", "165"); // what is freed is overwritten
        WATCHING.stream().filter(Files::exists).findFirst().ifPresent(library -> {
            builder.environment().put("LD_PRELOAD", library.toString());
            builder.environment().put("MALLOC_CHECK_", "3");
        });
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("seed %d: %s", seed, said).isZero();
        Matcher told =
                Pattern.compile("whole (\\d+) broken (\\d+) grown (-?\\d+)").matcher(said);
        assertThat(told.find()).as(said).isTrue();
        assertThat(Integer.parseInt(told.group(1))).as(said).isGreaterThan(HANDSHAKES / 2);
        assertThat(Integer.parseInt(told.group(2))).as(said).isGreaterThan(HANDSHAKES / 10);
        assertThat(Integer.parseInt(told.group(3))).as(said).isLessThan(GROWN_MOST_KIB);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).as("nothing of the library is left").isEmpty();
        }
    }
}
