package terpan.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JVM's start-up cache, which {@code ./terpan} has too: a start costs a third. Made once for a jar, beside it; where it can not be made,
 * the tests run without it.
 */
final class StartCache {
    private static final int MOST_SECONDS = 120;

    private StartCache() {}

    /** The flags that use it with this Java, these flags and this jar; none: there is no cache. */
    static List<String> flags(Path java, List<String> flags, Path jar) {
        Path cache = jar.resolveSibling("tests.aot");
        try {
            if (!Files.exists(jar) || !(isFresh(cache, jar) || train(cache, java, flags, jar))) {
                return List.of();
            }
            return List.of("-XX:AOTCache=" + cache);
        } catch (IOException failed) {
            System.err.println("no start-up cache: " + failed);
            return List.of();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static boolean isFresh(Path cache, Path jar) throws IOException {
        return Files.exists(cache) && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
    }

    private static boolean train(Path cache, Path java, List<String> flags, Path jar)
            throws IOException, InterruptedException {
        Files.deleteIfExists(cache);
        Path script = Path.of(System.getProperty("terpan.basedir", "."), "scripts/train-aot");
        List<String> command =
                new ArrayList<>(List.of("python3", script.toString(), cache.toString(), java.toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", jar.toString()));
        Process training = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(jar.resolveSibling("tests-aot.log").toFile())
                .start();
        if (!training.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
            training.destroyForcibly();
            return false;
        }
        return training.exitValue() == 0 && Files.exists(cache);
    }
}
