package terpan.matrix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import terpan.serve.Answer;
import terpan.serve.Connection;

/** What a client gets of the application's answer. */
final class Answers {
    private static final int DOWNLOAD = 64 << 20;
    private static final int FILE = 3_000_000;
    private static final int WAIT_SECONDS = 3;

    private Answers() {}

    static void fields(Bench bench) throws IOException {
        Answer answer = bench.get("/fields");
        assertThat(answer.fields().stream()
                        .filter(line -> line.regionMatches(true, 0, "set-cookie:", 0, 11))
                        .map(line -> line.substring(11).strip()))
                .containsExactly("a=1", "b=2");
        assertThat(answer.field("X-Latin")).contains("caf\u00e9");
    }

    static void download(Bench bench) throws IOException {
        for (String more : new String[] {"", "&chunks=1"}) {
            try (Connection connection = bench.connect()) {
                int length = more.isEmpty() ? DOWNLOAD : DOWNLOAD / 8;
                connection.ask("GET", Bench.PREFIX + "/download?bytes=" + length + more);
                Answer head = connection.readHead();
                assertThat(head.status()).isEqualTo(200);
                assertPattern(connection.body(head), length);
                assertThat(connection.get(Bench.PREFIX + "/").body()).isEqualTo("Hello");
            }
        }
    }

    private static void assertPattern(InputStream body, int length) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long at = 0;
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            for (int index = 0; index < read; index++) {
                if (buffer[index] != (byte) (at + index)) {
                    throw new AssertionError("a wrong byte at " + (at + index));
                }
            }
            at += read;
        }
        assertThat(at).isEqualTo(length);
    }

    static void streaming(Bench bench) throws IOException {
        Path until = bench.fresh("until");
        try (Connection connection = bench.connect()) {
            Watch watch = Watch.over(until, WAIT_SECONDS);
            connection.ask("GET", Bench.PREFIX + "/stream?until=" + until);
            InputStream body = connection.body(connection.readHead());
            String first = new String(body.readNBytes("first\n".length()), ISO_8859_1);
            boolean inTime = watch.touch();
            assertThat(first + new String(body.readAllBytes(), ISO_8859_1)).isEqualTo("first\nlast\n");
            assertThat(inTime)
                    .as("the first piece came before the second was given")
                    .isTrue();
        }
    }

    static void head(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            for (int round = 0; round < 4; round++) {
                connection.ask("HEAD", Bench.PREFIX + "/always");
                Answer head = connection.readHead();
                assertThat(head.status()).isEqualTo(200);
                assertThat(connection.get(Bench.PREFIX + "/always").body()).isEqualTo("always");
                assertThat(bench.get("/").body()).isEqualTo("Hello");
            }
        }
    }

    static void empty(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            for (int status : new int[] {204, 304, 200}) {
                Answer answer = connection.get(Bench.PREFIX + "/empty?status=" + status);
                assertThat(answer.status()).isEqualTo(status);
                assertThat(answer.body()).isEmpty();
                assertThat(connection.get(Bench.PREFIX + "/").body()).isEqualTo("Hello");
            }
        }
    }

    static void gaps(Bench bench) throws IOException {
        for (String shape : List.of("list", "tuple", "generator", "write")) {
            for (String pieces : List.of(".a.b", "a..b", "a.b.", ".ab", "ab.", "...ab", "", ".")) {
                String whole = pieces.replace(".", "");
                for (String length : List.of("", "&length=" + whole.length())) {
                    String target = Bench.PREFIX + "/gappy?shape=" + shape + "&pieces=" + pieces + length;
                    try (Connection connection = bench.connect()) {
                        Answer answer = connection.get(target);
                        assertThat(answer.status()).as(target).isEqualTo(200);
                        assertThat(answer.body()).as(target).isEqualTo(whole);
                        connection.ask("HEAD", target);
                        assertThat(connection.readHead().status())
                                .as("HEAD %s", target)
                                .isEqualTo(200);
                        assertThat(connection.get(Bench.PREFIX + "/").body())
                                .as("after %s", target)
                                .isEqualTo("Hello");
                    }
                }
            }
        }
    }

    static void write(Bench bench) throws IOException {
        assertThat(bench.get("/written").body()).isEqualTo("first second");
    }

    static void file(Bench bench) throws IOException {
        Path file = bench.fresh("file");
        Files.writeString(file, "0123456789".repeat(FILE / 10));
        assertThat(bench.get("/file?path=" + file).body()).isEqualTo("0123456789".repeat(FILE / 10));
    }

    static void close(Bench bench) throws IOException {
        Path file = bench.fresh("closed");
        assertThat(bench.get("/closing?path=" + file).body()).isEqualTo("to be closed");
        Bench.awaitFile(file, 1);
        assertThat(file).hasContent("closed");
    }

    static void error(Bench bench) throws IOException {
        Answer answer = bench.get("/fail");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("RuntimeError", "failed as asked");
        assertThat(bench.get("/").body()).isEqualTo("Hello");
    }

    static void lateError(Bench bench) throws IOException {
        for (String more : new String[] {"", "&length=1"}) {
            Path until = bench.fresh("until");
            try (Connection connection = bench.connect()) {
                Watch watch = Watch.over(until, WAIT_SECONDS);
                connection.ask("GET", Bench.PREFIX + "/fail-later?until=" + until + more);
                Answer head = connection.readHead();
                InputStream body = connection.body(head);
                watch.touch();
                if (head.status() != 500) { // a server that gathers the whole answer can still say so
                    assertThatThrownBy(body::readAllBytes).as("after " + head).isInstanceOf(IOException.class);
                }
            }
            assertThat(bench.get("/").body()).isEqualTo("Hello");
        }
    }
}
