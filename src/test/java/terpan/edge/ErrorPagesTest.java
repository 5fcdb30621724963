package terpan.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.edge.pages.ErrorPages;
import terpan.edge.pages.PageForm;
import terpan.loop.PretendWire;

/** Terpan's own answers: their form, the operator's files, and what they never show. */
class ErrorPagesTest {
    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    @TempDir
    private Path directory;

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | TEXT",
                "*/* | TEXT",
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8 | HTML",
                "application/json | JSON",
                "application/json, */* | JSON",
                "application/json;q=0.4, text/html;q=0.5 | HTML",
                "text/* | TEXT",
                "text/*;q=0.2, application/*;q=0.3 | JSON",
                "text/plain;q=0, text/* | HTML",
                "TEXT/HTML;Q=1.0 | HTML",
                "text/html;level=1;q=0.7, text/plain;q=0.6 | HTML",
                "image/png | TEXT",
                "text/html;q=2 | TEXT",
                "text/html;q=0.5555, application/json;q=0.1 | JSON",
                ", ,text/html | HTML",
                "*/*;q=0 | TEXT",
            })
    void theFormIsTheOneThatTheClientWantsMost(String accept, PageForm form) {
        assertThat(PageForm.of(accept)).isEqualTo(form);
    }

    private String ask(String fields) {
        PretendWire client = bench.client("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n");
        return bench.got(client);
    }

    /** Without any worker, and without hope for one, every request is refused. */
    private void noWorker() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.dispatcher.expectWorkers(false);
    }

    @Test
    void eachFormHasStatusTitleReasonAndIdAndTellsItsType() {
        noWorker();
        assertThat(ask("Accept: text/html\r\n"))
                .contains("\r\nContent-Type: text/html; charset=utf-8\r\n", "\r\nVary: Accept\r\n")
                .contains("<title>503 Service Unavailable</title>", "no-worker".replace('-', ' '), "Request id: <code>")
                .doesNotContain("<pre>", "src=", "href=", "http://", "{{");
        assertThat(ask("Accept: application/json\r\n"))
                .contains("\r\nContent-Type: application/json\r\n")
                .containsPattern(
                        "\\{\"status\": 503, \"title\": \"Service Unavailable\", \"reason\": \"[^\"]+\", \"request_id\": \"[0-9a-f]+-[0-9a-f]+\"}\n$");
        assertThat(ask(""))
                .contains("\r\nContent-Type: text/plain; charset=utf-8\r\n", "\r\n\r\n503 Service Unavailable\n")
                .containsPattern("Request id: [0-9a-f]+-[0-9a-f]+\n$");
    }

    @Test
    void theIdOfThePageIsTheOneOfTheField() {
        noWorker();
        String answer = ask("Accept: application/json\r\n");
        String id = answer.replaceAll("(?s).*X-Request-Id: ([^\r]+)\r\n.*", "$1");
        assertThat(answer).contains("\"request_id\": \"" + id + "\"");
    }

    @Test
    void headHasTheLengthAndNoBody() {
        noWorker();
        PretendWire client = bench.client("HEAD / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n");
        assertThat(bench.got(client))
                .containsPattern("Content-Length: [0-9]{3,}\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void aHeadThatIsNotWholeIsAnsweredInPlainText() {
        noWorker();
        PretendWire client = bench.client("GET / HTTP/1.1\r\nAccept: text/html\r\nBad Name: x\r\n\r\n");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 400 ").contains("text/plain");
    }

    @Test
    void theOperatorsFilesComeBeforeTheOwnPagesTheExactStatusBeforeTheClass() throws IOException {
        write("503.html", "<p>{{ status }} {{title}} {{request-id}}</p>");
        write("5xx.html", "<p>class</p>");
        write("5xx.json", "{\"id\": \"{{request-id}}\"}");
        write("style.css", "is no page");
        limits.errorPages = Optional.of(directory);
        noWorker();
        assertThat(ask("Accept: text/html\r\n")).containsPattern("<p>503 Service Unavailable [0-9a-f-]+</p>$");
        assertThat(ask("Accept: application/json\r\n")).containsPattern("\\{\"id\": \"[0-9a-f-]+\"}$");
        assertThat(ask("Accept: text/plain\r\n")).contains("Request id: ");
        ErrorPages pages = ErrorPages.load(Optional.of(directory));
        assertThat(new String(pages.page(502, "r", "1", List.of(), PageForm.HTML), UTF_8))
                .isEqualTo("<p>class</p>");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"200.html", "50x.html", "page.html", "599.json", "403.txt"})
    void aFileForAnAnswerThatIsNeverGivenIsAMistake(String name) throws IOException {
        write(name, "x");
        assertThatThrownBy(() -> ErrorPages.load(Optional.of(directory))).hasMessageContaining(name);
    }

    @Test
    void aFileThatIsTooLongOrNoTextOrHasAnUnknownPlaceIsAMistake() throws IOException {
        write("502.html", "x".repeat(ErrorPages.BYTES_MOST + 1));
        assertThatThrownBy(() -> ErrorPages.load(Optional.of(directory))).hasMessageContaining("65536");
        Files.write(directory.resolve("502.html"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> ErrorPages.load(Optional.of(directory))).hasMessageContaining("UTF-8");
        write("502.html", "{{stack}}");
        assertThatThrownBy(() -> ErrorPages.load(Optional.of(directory)))
                .hasMessageContaining("{{stack}}")
                .hasMessageContaining("{{request-id}}");
    }

    @Test
    void whatIsFilledInIsEscapedAndTheCauseIsShownWhereThereIsOne() throws IOException {
        ErrorPages pages = ErrorPages.load(Optional.empty());
        List<String> cause = List.of("File \"<x>\"", "it's & \\");
        assertThat(new String(pages.page(502, "r", "1", cause, PageForm.HTML), UTF_8))
                .contains("<pre>File &quot;&lt;x&gt;&quot;\nit&#39;s &amp; \\</pre>");
        assertThat(new String(pages.page(502, "r", "1", cause, PageForm.JSON), UTF_8))
                .contains("\"cause\": \"File \\\"<x>\\\"\\u000ait's & \\\\\"}");
        assertThat(new String(pages.page(502, "r", "1", cause, PageForm.TEXT), UTF_8))
                .endsWith("it's & \\");
    }
}
