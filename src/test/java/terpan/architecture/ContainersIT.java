package terpan.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.serve.Tool;

/** The manifests and the file of Compose of the examples are what their schemas know, with nothing beside it. {@link WheelIT} makes and runs the images. */
@Timeout(400)
final class ContainersIT {
    /** The first time it is made, and fetches schemas. */
    private static final int SECONDS = 300;

    private static final Path MANIFESTS = Repository.ROOT.resolve("examples/containers/kubernetes");

    private record Ended(int code, String output) {}

    @TempDir
    private Path folder;

    @Test
    void manifestsAreWhatKubernetesKnows() throws Exception {
        Path tools = Tool.made("kubeconform");
        Path application = MANIFESTS.resolve("application.yaml");

        Ended judged = judge(tools, application, MANIFESTS.resolve("autoscaler.yaml"));
        assertThat(judged.output())
                .contains("4 resources found in 2 files - Valid: 4, Invalid: 0, Errors: 0, Skipped: 0");
        assertThat(judged.code()).isZero();

        Path mistaken = Files.writeString(
                folder.resolve("mistaken.yaml"),
                Files.readString(application).replace("readinessProbe:", "readynessProbe:"));
        Ended refused = judge(tools, mistaken);
        assertThat(refused.code()).isOne();
        assertThat(refused.output()).contains("'readynessProbe' not allowed");
    }

    @Test
    void theFileOfComposeIsWhatComposeKnows() throws Exception {
        Path check = Tool.made("go-program", "compose-schema");
        Path file = Repository.ROOT.resolve("examples/containers/compose.yaml");
        Ended judged = run(List.of(check.toString(), file.toString()));
        assertThat(judged.output()).isEmpty();
        assertThat(judged.code()).isZero();

        Path mistaken = Files.writeString(
                folder.resolve("mistaken.yaml"),
                Files.readString(file).replaceFirst("stop_grace_period:", "stop_grace_time:"));
        Ended refused = run(List.of(check.toString(), mistaken.toString()));
        assertThat(refused.code()).isOne();
        assertThat(refused.output()).contains("stop_grace_time");
    }

    private Ended judge(Path tools, Path... manifests) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(tools.resolve("kubeconform").toString(), "-strict", "-summary", "-schema-location"));
        command.add(tools.resolve("schemas") + "/{{.ResourceKind}}{{.KindSuffix}}.json");
        List.of(manifests).forEach(manifest -> command.add(manifest.toString()));
        return run(command);
    }

    private Ended run(List<String> command) throws Exception {
        Path output = Files.createTempFile(folder, "output", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }
}
