package terpan.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.coding.Decoded;
import terpan.coding.Encoders;
import terpan.config.Settings;
import terpan.loop.PretendWire;

/** Answers that are compressed on their way, and those that are not. */
class CompressionTest {
    private static final String TEXT = "All work and no play makes Jack a dull boy.\n".repeat(200);
    private static final String ALL = "zstd, br, gzip";

    private EdgeBench bench = bench();

    private static EdgeBench bench() {
        EdgeLimits limits = new EdgeLimits();
        limits.compress = List.of(Settings.Coding.values());
        EdgeBench made = new EdgeBench(limits);
        made.worker(2);
        return made;
    }

    @BeforeAll
    static void load() {
        Encoders.load(EnumSet.allOf(Settings.Coding.class), why -> {});
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    private String ask(String method, String accepts, String fields, String body) {
        PretendWire client = bench.client();
        bench.send(client, method + " / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + accepts + "\r\n\r\n");
        bench.serve(request -> "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + body.length() + "\r\n\r\n"
                + (method.equals("HEAD") ? "" : body));
        return bench.got(client);
    }

    private static String head(String answer) {
        return answer.substring(0, answer.indexOf("\r\n\r\n") + 2);
    }

    /** The bytes of a chunked body. */
    private static byte[] chunks(String answer) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = answer.indexOf("\r\n\r\n") + 4;
        while (at < answer.length()) {
            int line = answer.indexOf("\r\n", at);
            int length = Integer.parseInt(answer.substring(at, line), 16);
            body.writeBytes(answer.substring(line + 2, line + 2 + length).getBytes(ISO_8859_1));
            at = line + 2 + length + 2;
        }
        return body.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd"})
    void whatTheClientTakesIsCoded(String coding) throws IOException {
        String answer = ask(
                "GET",
                coding,
                "Content-Type: text/plain; charset=utf-8\r\nETag: \"a\"\r\nVary: Cookie\r\nAccept-Ranges: bytes\r\n",
                TEXT);
        assertThat(head(answer))
                .contains("\r\nContent-Encoding: " + coding + "\r\n", "\r\nTransfer-Encoding: chunked\r\n")
                .contains(
                        "\r\nVary: Cookie, Accept-Encoding\r\n",
                        "\r\nETag: W/\"a\"\r\n",
                        "\r\nContent-Type: text/plain; charset=utf-8\r\n")
                .doesNotContain("Content-Length", "Accept-Ranges");
        assertThat(answer.length()).isLessThan(TEXT.length() / 4);
        assertThat(new String(
                        Decoded.of(Settings.Coding.valueOf(coding.toUpperCase(java.util.Locale.ROOT)), chunks(answer)),
                        ISO_8859_1))
                .isEqualTo(TEXT);
    }

    @Test
    void aHeadIsThatOfItsAnswer() {
        String answer = ask("HEAD", "gzip", "Content-Type: text/html\r\nETag: W/\"a\"\r\n", TEXT);
        assertThat(answer)
                .contains("\r\nContent-Encoding: gzip\r\n", "\r\nETag: W/\"a\"\r\n", "\r\nVary: Accept-Encoding\r\n")
                .doesNotContain("Content-Length")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Type: image/png",
                "Content-Type: textual/plain",
                "Content-Type: text/plain^Content-Encoding: gzip",
                "Content-Type: text/plain^Content-Encoding: identity",
                "Content-Type: text/plain^Cache-Control: public, No-Transform",
                "Content-Type: text/plain^Content-Digest: sha-256=:AA==:",
                "Content-MD5: AA==^Content-Type: text/plain",
                "X: y",
            })
    void whatIsNotToBeCodedGoesAsItIs(String fields) {
        String lines = fields.replace("^", "\r\n") + "\r\nETag: \"a\"\r\n";
        String answer = ask("GET", ALL, lines, TEXT);
        assertThat(head(answer))
                .contains("\r\nContent-Length: " + TEXT.length(), "\r\nETag: \"a\"\r\n")
                .doesNotContain("Vary");
        assertThat(answer).endsWith(TEXT);
    }

    @Test
    void whatIsShortOrNotTakenVariesAllTheSame() {
        String plain = "Content-Type: text/plain\r\nVary: accept-encoding\r\nAccept-Ranges: bytes\r\n";
        assertThat(ask("GET", ALL, plain, "short"))
                .contains("\r\nVary: accept-encoding\r\n", "\r\nAccept-Ranges: bytes\r\n")
                .endsWith("short");
        assertThat(ask("GET", "identity", "Content-Type: text/plain\r\n", TEXT))
                .contains("\r\nVary: Accept-Encoding\r\n")
                .endsWith(TEXT);
        assertThat(ask("GET", ALL, "Content-Type: text/plain\r\nVary: *\r\n", TEXT))
                .contains("\r\nVary: *\r\n", "Content-Encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"206 Partial Content\r\nContent-Range: bytes 0-99/1000\r\nContent-Length: 100", "204 No Content"
            })
    void partsAndAnswersWithoutABodyStayAsTheyAre(String begin) {
        PretendWire client = bench.client();
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        String body = begin.startsWith("206") ? "x".repeat(100) : "";
        bench.serve(request -> "HTTP/1.1 " + begin + "\r\nContent-Type: text/plain\r\n\r\n" + body);
        assertThat(bench.got(client)).doesNotContain("Content-Encoding", "W/").endsWith("\r\n\r\n" + body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"W/\"a\"|W/\"a\"", "\"b\", W/\"a\"|W/\"a\"", "\"a\"|\"a\"", "*|\"a\""})
    void whatIsNotModifiedHasTheTagThatTheClientHas(String asked, String told) {
        PretendWire client = bench.client();
        bench.send(
                client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nIf-None-Match: " + asked + "\r\n\r\n");
        bench.serve("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
        assertThat(bench.got(client)).contains("\r\nETag: " + told + "\r\n", "\r\nVary: Accept-Encoding\r\n");
    }

    @Test
    void streamsOfEventsAreCodedOnlyWhereTheyAreNamed() {
        String events = "Content-Type: text/event-stream\r\n";
        assertThat(ask("GET", ALL, events, TEXT)).endsWith(TEXT).doesNotContain("Vary");
    }

    @Test
    void noFieldThatIsHeldBackGrowsWithoutEnd() {
        PretendWire client = bench.client();
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        String lines = ("Vary: " + "x".repeat(500) + "\r\n").repeat(20);
        bench.serve("HTTP/1.1 200 OK\r\n" + lines + "Content-Length: 2\r\n\r\nok");
        assertThat(bench.got(client)).startsWith("HTTP/1.1 502 ");
    }

    @Test
    void whoeverLeavesInTheMiddleOrComesWhereAllAreInUseCostsNothing() {
        for (int i = 0; i < 2 * Encoders.MOST; i++) {
            bench.worker(1);
        }
        List<PretendWire> clients = new ArrayList<>();
        for (int i = 0; i < Encoders.MOST + 2; i++) {
            PretendWire client = bench.client();
            clients.add(client);
            bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        }
        bench.serve("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        long coded = clients.stream()
                .filter(client -> bench.got(client).contains("Content-Encoding"))
                .count();
        assertThat(coded).isEqualTo(Encoders.MOST);
        clients.forEach(PretendWire::peerResets);
        assertThat(ask("GET", "gzip", "Content-Type: text/plain\r\n", TEXT)).contains("Content-Encoding: gzip");
    }

    @Test
    void aPieceThatIsStreamedCanBeReadAtOnce() throws IOException {
        PretendWire client = bench.client();
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        bench.lastLink()
                .peerSends(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        String begun = bench.got(client);
        assertThat(new String(Decoded.asFar(Settings.Coding.GZIP, chunks(begun)), ISO_8859_1))
                .isEqualTo("first");
        bench.lastLink().peerSends("6\r\nsecond\r\n0\r\n\r\n");
        String whole = begun + bench.got(client);
        assertThat(whole).endsWith("0\r\n\r\n");
        assertThat(new String(Decoded.of(Settings.Coding.GZIP, chunks(whole)), ISO_8859_1))
                .isEqualTo("firstsecond");
    }

    /** More than a turn may have, and more than the client takes at once. */
    @Test
    void aLongBodyIsCodedInManyTurnsAndAnAnswerThatBreaksOffIsNeverWhole() throws IOException {
        String body = "0123456789abcdef".repeat(100_000);
        String answer = ask("GET", "gzip", "Content-Type: text/plain\r\n", body);
        assertThat(new String(Decoded.of(Settings.Coding.GZIP, chunks(answer)), ISO_8859_1))
                .isEqualTo(body);
        PretendWire client = bench.client();
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        bench.lastLink()
                .peerSends("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n" + TEXT);
        bench.lastLink().peerShutsOutput();
        assertThat(bench.got(client)).doesNotEndWith("\r\n0\r\n\r\n");
    }

    @Test
    void clientsOfHttp10GetWhatTheyCanRead() {
        PretendWire client = bench.client();
        bench.send(client, "GET / HTTP/1.0\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        bench.serve(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + TEXT.length() + "\r\n\r\n" + TEXT);
        assertThat(bench.got(client)).doesNotContain("Content-Encoding").endsWith(TEXT);
    }
}
