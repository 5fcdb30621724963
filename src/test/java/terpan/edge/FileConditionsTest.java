package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions, ranges and codings of static files (RFC 9110, sections 12.5.3, 13 and 14). */
final class FileConditionsTest extends FilesCase {
    @ParameterizedTest
    @CsvSource({
        "If-None-Match: TAG, 304",
        "If-None-Match: W/TAG, 304",
        "If-None-Match: *, 304",
        "'If-None-Match: \"a,b\", TAG', 304",
        "'If-None-Match: \"x\"', 200",
        "If-None-Match: x, 200",
        "If-Match: TAG, 200",
        "If-Match: *, 200",
        "If-Match: W/TAG, 412",
        "'If-Match: \"x\"', 412",
    })
    void aTagIsComparedAsItsFieldSays(String field, String status) throws IOException {
        String tag = field(get("/static/a.txt"), "ETag");
        assertThat(tag).matches("\"[0-9a-f]+-a\"");
        assertThat(get("/static/a.txt", field.replace("TAG", tag))).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void datesAreComparedAsTheirFieldsSay() {
        assertThat(get("/static/a.txt", "If-Modified-Since: " + MODIFIED)).startsWith("HTTP/1.1 304 ");
        assertThat(get("/static/a.txt", "If-Modified-Since: " + LATER)).startsWith("HTTP/1.1 304 ");
        assertThat(get("/static/a.txt", "If-Modified-Since: " + EARLIER)).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "If-Modified-Since: yesterday")).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "If-Modified-Since: Sunday, 01-Jun-25 10:00:00 GMT"))
                .startsWith("HTTP/1.1 304 ");
        assertThat(get("/static/a.txt", "If-Modified-Since: Sun Jun  1 10:00:00 2025"))
                .startsWith("HTTP/1.1 304 ");
        assertThat(get("/static/a.txt", "If-Unmodified-Since: " + MODIFIED)).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "If-Unmodified-Since: " + EARLIER)).startsWith("HTTP/1.1 412 ");
        assertThat(get("/static/a.txt", "If-None-Match: \"x\"", "If-Modified-Since: " + LATER))
                .as("a tag counts more")
                .startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "If-Match: *", "If-Unmodified-Since: " + EARLIER))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void notModifiedSaysWhatTheFileIsCalledAndHasNoBody() {
        String answer = get("/static/a.txt", "If-None-Match: *");
        assertThat(answer)
                .startsWith("HTTP/1.1 304 Not Modified\r\n")
                .contains("\r\nETag: \"", "\r\nLast-Modified: " + MODIFIED)
                .doesNotContain("Content-Length", "Content-Type", "Transfer-Encoding")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-0 | 206 | bytes 0-0/10 | 0",
                "bytes=2-4 | 206 | bytes 2-4/10 | 234",
                "bytes=8- | 206 | bytes 8-9/10 | 89",
                "bytes=8-100 | 206 | bytes 8-9/10 | 89",
                "bytes=-3 | 206 | bytes 7-9/10 | 789",
                "bytes=-100 | 206 | bytes 0-9/10 | 0123456789",
                "BYTES=0-1 | 206 | bytes 0-1/10 | 01",
                "bytes=9-9,20-30 | 206 | bytes 9-9/10 | 9",
                "bytes=10- | 416 | bytes */10 |",
                "bytes=-0 | 416 | bytes */10 |",
                "bytes=20-30,40-50 | 416 | bytes */10 |",
                "bytes=5-2 | 200 | none | 0123456789",
                "bytes=a-b | 200 | none | 0123456789",
                "bytes=- | 200 | none | 0123456789",
                "bytes= | 200 | none | 0123456789",
                "lines=0-1 | 200 | none | 0123456789",
                "bytes=0-,0- | 200 | none | 0123456789",
                "bytes=99999999999999999999-999999999999999999999 | 416 | bytes */10 |",
                "bytes=0-99999999999999999999999 | 206 | bytes 0-9/10 | 0123456789",
            })
    void aRangeIsAnsweredAlone(String range, int status, String told, String body) {
        String answer = get("/static/a.txt", "Range: " + range);
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(field(answer, "Content-Range")).isEqualTo(told);
        if (body != null) {
            assertThat(body(answer)).isEqualTo(body);
            assertThat(field(answer, "Content-Length")).isEqualTo(Integer.toString(body.length()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100_000})
    void severalRangesComeInOneBody(int size) throws IOException {
        String content = EdgeBench.bytes(size);
        file("several.css", content);
        String answer = get("/static/several.css", "Range: bytes=0-1, 4-4, -2");
        String type = field(answer, "Content-Type");
        assertThat(answer).startsWith("HTTP/1.1 206 Partial Content\r\n");
        assertThat(type).startsWith("multipart/byteranges; boundary=");
        String mark = "\r\n--" + type.substring(type.indexOf('=') + 1);
        String head = mark + "\r\nContent-Type: text/css; charset=utf-8\r\nContent-Range: bytes ";
        assertThat(body(answer))
                .isEqualTo(head + "0-1/" + size + "\r\n\r\n" + content.substring(0, 2) + head + "4-4/" + size
                        + "\r\n\r\n" + content.charAt(4) + head + (size - 2) + "-" + (size - 1) + "/" + size
                        + "\r\n\r\n" + content.substring(size - 2) + mark + "--\r\n")
                .hasSize(Integer.parseInt(field(answer, "Content-Length")));
        assertThat(answer.substring(0, answer.indexOf("\r\n\r\n"))).doesNotContain("Content-Range");
    }

    @Test
    void moreRangesThanAreHonouredAreTheWholeFile() {
        assertThat(get("/static/a.txt", "Range: bytes=" + "0-0,".repeat(32) + "1-1"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "Range: bytes=2-3")).startsWith("HTTP/1.1 200 ");
        assertThat(ask("HEAD", "/static/a.txt", "Range: bytes=0-1")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aRangeCountsOnlyForTheContentThatItIsOf() {
        String tag = field(get("/static/a.txt"), "ETag");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-Range: " + tag)).startsWith("HTTP/1.1 206 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-Range: W/" + tag))
                .startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-Range: \"x\"")).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-Range: " + MODIFIED))
                .startsWith("HTTP/1.1 206 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-Range: " + LATER))
                .startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "Range: bytes=90-", "If-Range: \"x\"")).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/a.txt", "Range: bytes=0-1", "If-None-Match: " + tag))
                .startsWith("HTTP/1.1 304 ");
    }

    @Test
    void aFileThatWasChangedJustNowHasAWeakTag() throws IOException {
        Path path = file("new.txt", "new");
        Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2026-01-02T03:04:04.5Z")));
        String answer = get("/static/new.txt");
        assertThat(field(answer, "ETag")).startsWith("W/\"");
        assertThat(get("/static/new.txt", "Range: bytes=0-0", "If-Range: " + field(answer, "Last-Modified")))
                .startsWith("HTTP/1.1 200 ");
        Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
        bench.pass(SECOND);
        assertThat(field(get("/static/new.txt"), "Last-Modified"))
                .as("not later than Date")
                .isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip, deflate, br, zstd | br",
                "gzip | gzip",
                "GZIP | gzip",
                "x-gzip | gzip",
                "zstd;q=0.9, br;q=0.5 | zstd",
                "br;q=0, gzip;q=0.1 | gzip",
                "identity, gzip;q=0.5 | none",
                "identity;q=0.5, gzip;q=0.4 | none",
                "identity, gzip | gzip",
                "*;q=0.5 | br",
                "*, br;q=0 | zstd",
                "*;q=0 | none",
                "deflate | none",
                "br;q=nonsense | none",
                "'' | none",
            })
    void aNeighbourIsSentToWhoTakesItsCoding(String accept, String coding) throws IOException {
        file("style.css", "the style as it is, which is long");
        file("style.css.br", "br");
        file("style.css.zst", "zstd");
        file("style.css.gz", "gzip!");
        String answer = get("/static/style.css", "Accept-Encoding: " + accept.replace("''", ""));
        assertThat(field(answer, "Content-Encoding")).isEqualTo(coding);
        assertThat(field(answer, "Vary")).isEqualTo("Accept-Encoding");
        assertThat(field(answer, "Content-Type")).isEqualTo("text/css; charset=utf-8");
        assertThat(field(answer, "ETag")).endsWith(coding.equals("none") ? "-21\"" : "-" + coding + "\"");
    }

    @Test
    void aNeighbourThatIsOlderOrALinkDoesNotCount() throws IOException {
        file("style.css", "new style");
        Files.setLastModifiedTime(file("style.css.gz", "old"), FileTime.from(OLD.minusSeconds(60)));
        Path real = file("elsewhere", "link");
        Files.createSymbolicLink(files.resolve("style.css.br"), real);
        String answer = get("/static/style.css", "Accept-Encoding: gzip, br");
        assertThat(body(answer)).isEqualTo("new style");
        assertThat(field(answer, "Vary")).isEqualTo("none");
        Files.setLastModifiedTime(files.resolve("style.css.gz"), FileTime.from(OLD));
        bench.pass(SECOND);
        String coded = get("/static/style.css", "Accept-Encoding: gzip");
        assertThat(body(coded)).as("seen when it was looked at again").isEqualTo("old");
        assertThat(get("/static/style.css", "Accept-Encoding: gzip", "If-None-Match: " + field(coded, "ETag")))
                .startsWith("HTTP/1.1 304 ")
                .contains("Vary: Accept-Encoding");
        assertThat(get("/static/style.css", "If-None-Match: " + field(coded, "ETag")))
                .startsWith("HTTP/1.1 200 ");
        assertThat(field(get("/static/style.css.gz"), "Content-Type")).isEqualTo("application/gzip");
    }
}
