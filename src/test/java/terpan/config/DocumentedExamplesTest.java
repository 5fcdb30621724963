package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of settings in the documents are understood as they stand there. */
final class DocumentedExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?s)\n```toml\n(.*?)\n```\n");

    static Stream<Path> documents() throws IOException {
        try (Stream<Path> documents = Files.list(Path.of("docs"))) {
            return Stream.concat(Stream.of(Path.of("README.md")), documents.sorted())
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void examplesHaveNoMistake(Path document, @TempDir Path folder) throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(document));
        while (example.find()) {
            Path file = Files.writeString(folder.resolve("terpan.toml"), example.group(1));
            List<Problem> problems = new ArrayList<>();
            FromFile read = read(file, problems);
            new Values(problems).add(read.settings());
            read.groups().forEach(group -> new Values(problems).add(group.settings()));
            assertThat(problems).as(example.group(1)).isEmpty();
        }
    }

    /** One with routes is the file of one of several applications. */
    private static FromFile read(Path file, List<Problem> problems) throws IOException {
        if (!Files.readString(file).contains("\nroutes = ")) {
            return new TomlSource(file, file, problems).read();
        }
        FromFile.Application application = TomlSource.application(file, file);
        problems.addAll(application.problems());
        return application.said();
    }
}
