package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.FileSettings;
import terpan.loop.PretendWire;

/** Files that an application's answers name, as bytes that a worker sends and a client gets. */
final class SendfileTest extends FilesCase {
    private void named() {
        files(new FileSettings(List.of(), List.of(files), List.of(of("/protected/", files))));
        bench.worker(1);
    }

    private String answered(String request, String... fields) {
        PretendWire client = bench.client(request);
        bench.serve("HTTP/1.1 " + String.join("\r\n", fields) + "\r\n\r\n");
        return bench.got(client);
    }

    private static final String ASK = "GET /download HTTP/1.1\r\nHost: h\r\n\r\n";

    @Test
    void anApplicationsAnswerNamesAFileByItsPathOnDisk() {
        named();
        String answer = answered(
                ASK,
                "200 OK",
                "X-Sendfile: " + files.resolve("a.txt"),
                "Content-Type: application/x-own",
                "Content-Disposition: attachment; filename=\"b.txt\"",
                "Set-Cookie: a=b",
                "Content-Length: 0");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Type: application/x-own\r\n", "\r\nSet-Cookie: a=b\r\n")
                .contains("\r\nContent-Disposition: attachment; filename=\"b.txt\"\r\n")
                .contains("\r\nContent-Length: 10\r\n", "\r\nETag: \"", "\r\nAccept-Ranges: bytes\r\n")
                .doesNotContainIgnoringCase("x-sendfile")
                .endsWith("\r\n\r\n" + TEXT);
        assertThat(answer.split("Content-Type")).hasSize(2);
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void orByAPathOfRequests() throws IOException {
        file("with space.txt", "space");
        named();
        String answer = answered(
                ASK, "200 OK", "X-Accel-Redirect: /protected/with%20space.txt?x", "Content-Length: 6", "", "ignore");
        assertThat(answer)
                .contains("\r\nContent-Type: text/plain; charset=utf-8\r\n", "\r\nContent-Length: 5\r\n")
                .doesNotContainIgnoringCase("x-accel")
                .endsWith("\r\n\r\nspace");
    }

    @Test
    void whoTellsTheFilesLengthAndSendsNoBodyIsNotWaitedFor() {
        named();
        PretendWire client = bench.client(ASK);
        bench.serve("HTTP/1.1 200 OK\r\nX-Sendfile: " + files.resolve("a.txt") + "\r\nContent-Length: 10\r\n\r\n");
        assertThat(bench.got(client)).endsWith("\r\n\r\n" + TEXT);
        assertThat(bench.inFlight()).as("the worker may be at it still").isEqualTo(1);
        bench.pass(Duration.ofSeconds(2));
        assertThat(bench.lastLink().outputShut()).isTrue();
        bench.lastLink().peerShutsOutput();
        bench.pass(Duration.ofSeconds(1));
        assertThat(bench.inFlight()).isZero();
        assertThat(answered(ASK, "200 OK", "X-Sendfile: " + files.resolve("a.txt"), "Content-Length: 4", "", "body"))
                .endsWith("\r\n\r\n" + TEXT);
    }

    @Test
    void rangesAndConditionsAreOursWhateverTheApplicationDid() {
        named();
        String ranged = "GET /download HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\n\r\n";
        String sent = "X-Sendfile: " + files.resolve("a.txt");
        assertThat(answered(ranged, "206 PARTIAL", sent, "Content-Range: bytes 1-2/10", "Content-Length: 2", "", ""))
                .startsWith("HTTP/1.1 206 ")
                .containsOnlyOnce("Content-Range: bytes 1-2/10")
                .endsWith("\r\n\r\n12");
        String tagged = "GET /download HTTP/1.1\r\nHost: h\r\nIf-None-Match: \"own\"\r\n\r\n";
        assertThat(answered(tagged, "200 OK", sent, "ETag: \"own\"", "Content-Length: 0"))
                .startsWith("HTTP/1.1 304 ")
                .containsOnlyOnce("ETag: \"own\"");
        assertThat(answered(ASK, "404 Not Found", sent, "Content-Length: 0"))
                .startsWith("HTTP/1.1 404 ")
                .doesNotContain("ETag", "Last-Modified")
                .endsWith("\r\n\r\n" + TEXT);
        String posted = "POST /download HTTP/1.1\r\nHost: h\r\nIf-Match: \"other\"\r\nContent-Length: 0\r\n\r\n";
        assertThat(answered(posted, "200 OK", sent, "Content-Length: 0"))
                .as("the application has done its work")
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\n" + TEXT);
        assertThat(answered(ASK, "304 Not Modified", sent))
                .startsWith("HTTP/1.1 304 ")
                .doesNotContain("X-Sendfile");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Sendfile: /etc/passwd",
                "X-Sendfile: a.txt",
                "X-Sendfile: FILES/../secret.txt",
                "X-Sendfile: FILES",
                "X-Sendfile: FILES/",
                "X-Sendfile: FILES/.hidden",
                "X-Sendfile: FILES/out",
                "X-Sendfile: FILES/none",
                "X-Accel-Redirect: /other/a.txt",
                "X-Accel-Redirect: /protected/../secret.txt",
                "X-Accel-Redirect: /protected/%2e%2e/secret.txt",
                "X-Accel-Redirect: /protected/out",
                "X-Accel-Redirect: /protected/",
                "X-Accel-Redirect: @named",
            })
    void whatMayNotBeNamedIsNotFound(String field) throws IOException {
        Files.writeString(folder.resolve("secret.txt"), "secret");
        file(".hidden", "secret");
        Files.createSymbolicLink(files.resolve("out"), folder.resolve("secret.txt"));
        named();
        assertThat(answered(ASK, "200 OK", field.replace("FILES", files.toString()), "Content-Length: 0"))
                .startsWith("HTTP/1.1 404 ")
                .doesNotContain("secret\r\n")
                .doesNotContainIgnoringCase("x-sendfile");
        assertThat(bench.inFlight()).isZero();
    }

    @Test
    void whereItIsNotAllowedTheFieldIsTheApplicationsOwn() {
        files(new FileSettings(List.of(), List.of(), List.of(of("/protected/", files))));
        bench.worker(1);
        assertThat(answered(ASK, "200 OK", "X-Sendfile: /etc/passwd", "Content-Length: 2", "", "ok"))
                .contains("\r\nX-Sendfile: /etc/passwd\r\n")
                .contains("\r\n\r\nok");
    }
}
