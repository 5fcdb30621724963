package terpan.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a command said on both streams, and how it ended. */
public record Said(int status, String text) {
    /** Runs a command to its end, which comes within so many seconds; what it says lies in a file of this folder meanwhile. */
    public static Said run(Path folder, int seconds, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended;
        try {
            ended = process.waitFor(seconds, TimeUnit.SECONDS);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        String text = Files.readString(output);
        assertThat(ended).as("%s ends in time: %s", command[0], text).isTrue();
        return new Said(process.exitValue(), text);
    }
}
