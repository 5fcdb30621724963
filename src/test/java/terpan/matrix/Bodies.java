package terpan.matrix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import terpan.serve.Answer;
import terpan.serve.Connection;

/** What the application gets of a request's body. */
final class Bodies {
    private static final int UPLOAD = 32 << 20;
    private static final int UNREAD = 1 << 20;

    private Bodies() {}

    private static String seen(byte[] body) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
            return body.length + " " + body.length + " " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    static void withLength(Bench bench) throws IOException {
        byte[] body = "a=1&b=2\r\n\r\n0\r\n".getBytes(ISO_8859_1);
        try (Connection connection = bench.connect()) {
            connection.ask("POST", Bench.PREFIX + "/body", "Content-Length: " + body.length);
            connection.send(ByteBuffer.wrap(body));
            assertThat(connection.read().body()).isEqualTo(seen(body));
            connection.ask("POST", Bench.PREFIX + "/body", "Content-Length: 0");
            assertThat(connection.read().body()).endsWith(seen(new byte[0]).substring(1));
        }
    }

    static void chunked(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            connection.ask("POST", Bench.PREFIX + "/body", "Transfer-Encoding: chunked");
            connection.send("5\r\nhello\r\n");
            connection.send("7;x=y\r\n, world\r\n0\r\nX-Trailer: 1\r\n\r\n");
            assertThat(connection.read().body()).isEqualTo(seen("hello, world".getBytes(ISO_8859_1)));
            assertThat(connection.get(Bench.PREFIX + "/").body()).isEqualTo("Hello");
        }
    }

    static void upload(Bench bench) throws IOException {
        byte[] body = new byte[UPLOAD];
        for (int at = 0; at < body.length; at++) {
            body[at] = (byte) (at * 31 + (at >> 12));
        }
        try (Connection connection = bench.connect()) {
            connection.ask("PUT", Bench.PREFIX + "/body", "Content-Length: " + body.length);
            connection.send(ByteBuffer.wrap(body));
            assertThat(connection.read().body()).isEqualTo(seen(body));
        }
    }

    static void expectation(Bench bench) throws IOException {
        byte[] body = "expected".getBytes(ISO_8859_1);
        try (Connection connection = bench.connect()) {
            connection.ask("POST", Bench.PREFIX + "/body", "Expect: 100-continue", "Content-Length: " + body.length);
            assertThat(connection.readHead().status()).isEqualTo(100);
            connection.send(ByteBuffer.wrap(body));
            assertThat(connection.read().body()).isEqualTo(seen(body));
        }
    }

    static void unread(Bench bench) throws IOException {
        try (Connection connection = bench.connect()) {
            for (int round = 0; round < Misbehaviour.ROUNDS; round++) {
                assertThat(unread(connection, "/early").body()).isEqualTo("early");
                for (String shape : Misbehaviour.SHAPES) {
                    assertThat(unread(connection, "/sized?length=7&shape=" + shape)
                                    .body())
                            .as(shape)
                            .isEqualTo("toolong");
                }
                for (String step : List.of("before", "call", "iteration")) {
                    assertThat(unread(connection, "/ends?kind=RuntimeError&step=" + step)
                                    .status())
                            .as(step)
                            .isEqualTo(500);
                }
            }
        }
    }

    private static Answer unread(Connection connection, String target) throws IOException {
        connection.ask("POST", Bench.PREFIX + target, "Content-Length: " + UNREAD);
        connection.send(ByteBuffer.wrap(new byte[UNREAD]));
        Answer answer = connection.read();
        assertThat(connection.get(Bench.PREFIX + "/").body()).isEqualTo("Hello");
        return answer;
    }
}
