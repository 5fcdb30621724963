package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A person's own shapes of paths. */
final class RouteShapesTest {
    @TempDir
    private Path directory;

    private Loading loading;

    @BeforeEach
    void anApplication() throws IOException {
        loading = new Loading(directory);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/user/*/posts", "/", "/*", "/**", "/user/**", "/*/*/a/**", "/a//b/", "/caf%C3%A9", "/a.b;c=d"})
    void aPathWithSegmentsLeftOpenIsOne(String shape) throws IOException {
        loading.toml("[http]\nroute-shapes = [\"/first\", \"" + shape + "\"]\n");
        assertThat(loading.settings().http().routeShapes()).containsExactly("/first", shape);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "user/*", "*", "/user*", "/a/*b", "/a/**/b", "/***", "/a b", "/a?b", "/a#b", "/\u00fc"})
    void whatIsNoneIsExplained(String shape) throws IOException {
        assertThat(loading.toml("[http]\nroute-shapes = [\"" + shape + "\"]\n").problems())
                .singleElement()
                .asString()
                .startsWith("terpan.toml:2:")
                .contains("http.route-shapes")
                .contains("expected a path such as /user/*/posts");
    }

    @Test
    void theyAreNeitherLongNorMany() throws IOException {
        String longest = "/" + "a".repeat(99);
        loading.toml("[http]\nroute-shapes = [\"" + longest + "\"]\n");
        assertThat(loading.settings().http().routeShapes()).containsExactly(longest);
        assertThat(loading.toml("[http]\nroute-shapes = [\"" + longest + "a\"]\n")
                        .problems())
                .singleElement()
                .asString()
                .contains("of at most 100 characters");
        String many =
                IntStream.rangeClosed(0, 100).mapToObj(i -> "\"/" + i + "\"").collect(Collectors.joining(", "));
        assertThat(loading.toml("[http]\nroute-shapes = [" + many + "]\n").problems())
                .singleElement()
                .asString()
                .contains("http.route-shapes has 101 shapes, expected at most 100");
    }
}
