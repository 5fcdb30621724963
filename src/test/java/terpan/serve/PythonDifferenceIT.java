package terpan.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.http.Differences;
import terpan.http.RequestCases;
import terpan.http.RequestCases.Case;

/** Python's h11 reads the same cases; where it differs is listed and explained. */
@Timeout(60)
final class PythonDifferenceIT {
    @TempDir
    private Path folder;

    @Test
    void whereH11DiffersIsListedAndExplained() throws Exception {
        List<Case> cases = RequestCases.all();
        Path asked = folder.resolve("cases");
        Path told = folder.resolve("outcomes");
        HexFormat hex = HexFormat.of();
        Files.write(
                asked,
                cases.stream()
                        .map(example -> hex.formatHex(example.bytes().getBytes(ISO_8859_1)))
                        .toList(),
                US_ASCII);
        Process process = new ProcessBuilder(
                        Program.python().toString(),
                        Program.APPLICATIONS.resolve("h11_outcomes.py").toString())
                .redirectInput(asked.toFile())
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor()).isZero();
        List<String> outcomes = Files.readAllLines(told, US_ASCII);
        assertThat(outcomes).hasSameSizeAs(cases);
        Differences differences = new Differences("differences-h11.txt");
        for (int i = 0; i < cases.size(); i++) {
            differences.tell(cases.get(i), outcomes.get(i));
        }
        differences.check();
    }
}
