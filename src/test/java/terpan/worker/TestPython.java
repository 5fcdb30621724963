package terpan.worker;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The interpreter of the tests' virtual environment, which {@code scripts/test-environment} makes. */
final class TestPython {
    private TestPython() {}

    static Path interpreter() {
        Path python = Path.of(System.getProperty("terpan.python", "target/test-env/bin/python3"));
        if (!Files.isExecutable(python)) {
            String reason = python + " is missing: run scripts/test-environment";
            if ("true".equals(System.getenv("CI"))) {
                fail(reason);
            }
            Assumptions.abort(reason);
        }
        return python;
    }
}
