package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.picture.Picture;

@Timeout(30)
final class OperatorClientTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private final FakeOperations operations = new FakeOperations();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, UTF_8);

    @Test
    void statusIsAnAlignedTable() throws Exception {
        try (AdminServer server = serve()) {
            client().status(out, false);
            assertThat(server).isNotNull();
        }
        assertThat(printed.toString(UTF_8)).isEqualTo("""
                Terpan 0.1.0, serving for 1d 2h, pid 4711
                wrong       the worker is busy, and requests wait; 3 of 1024 places in the queue are taken
                serves      shop:app with builtin
                generation  1
                listens on  127.0.0.1:8000, unix:/run/shop.sock
                TLS         shop.example expires on 2027-01-21, in 60d 0h; renewed in 30d 0h
                TLS         new.example has no certificate yet; ORDERS FAIL, 3 in a row, the next one in 3m 50s: not "ours"
                requests    120,056 settled: 120,000 with 2xx, 40 3xx, 12 4xx, 3 5xx, 1 left before an answer
                now         9 in flight, 3 of 1024 places in the queue taken
                tunnels     2 open
                spool       0 of 20 MiB in files; answers that wait for room there: 2

                worker  state   pid   age    in flight  lost  requests  restarts  memory  why
                w1      ready   4712  1d 2h  8/32       1     100,000   0         31 MiB
                w2      exited  -     42s    0/1        0     20,056    17        -       exit status 1, "crashed"

                w2 could not be started:
                  Traceback:
                    a line
                  RuntimeError: no
                """);
    }

    @Test
    void severalGroupsHaveATableOfTheirOwn() throws Exception {
        List<Picture.Group> two = new ArrayList<>(operations.groups);
        two.add(new Picture.Group(
                "old",
                Optional.of("waitress"),
                "shared",
                3,
                4,
                4,
                2,
                0,
                16,
                0,
                OptionalDouble.empty(),
                0,
                0,
                Optional.empty()));
        operations.groups = two;
        try (AdminServer server = serve()) {
            client().status(out, false);
            assertThat(server).isNotNull();
        }
        assertThat(printed.toString(UTF_8)).contains("""

                group    server    socket   weight  ready  in flight  lost  requests  mean      failed  restarts
                builtin  builtin   private  1       1/2    8/1        1     120,056   0.500 ms  2       17
                old      waitress  shared   3       4/4    2/16       0     0         -         0       0

                worker  state""");
    }

    @Test
    void ofAGroupOfARangeItIsToldHowManyWorkersItIsToHaveAndWhy() throws Exception {
        operations.groups = List.of(new Picture.Group(
                "builtin",
                Optional.of("builtin"),
                "private",
                1,
                3,
                3,
                0,
                0,
                3,
                0,
                OptionalDouble.empty(),
                0,
                0,
                Optional.of(new Picture.Scaling(
                        2,
                        8,
                        3,
                        false,
                        "requests wait for 120 ms",
                        Optional.of(FakeOperations.NOW.minusSeconds(12)),
                        1,
                        0))));
        try (AdminServer server = serve()) {
            client().status(out, false);
            client().scale(Optional.empty(), OptionalInt.of(4), Duration.ZERO, out);
            client().scale(Optional.of("shop/builtin"), OptionalInt.empty(), Duration.ZERO, out);
            assertThat(server).isNotNull();
        }
        assertThat(printed.toString(UTF_8))
                .contains("scaling     builtin: 3 wanted of 2 to 8; 12s ago: requests wait for 120 ms\n");
        assertThat(operations.commands).containsExactly("scale  4", "scale shop/builtin auto");
        assertThat(StatusJson.write(operations.status()))
                .contains(
                        "\"scaling\":{\"least\":2,\"most\":8,\"wanted\":3,\"by_hand\":false,"
                                + "\"reason\":\"requests wait for 120 ms\",\"changed\":\"2026-11-22T17:06:17Z\",\"grown\":1,\"shrunk\":0}");
    }

    @Test
    void statusAsJsonIsPrintedAsItCame() throws Exception {
        try (AdminServer server = serve()) {
            client().status(out, true);
            assertThat(server).isNotNull();
        }
        assertThat(printed.toString(UTF_8)).isEqualTo(StatusJson.write(operations.status()) + "\n");
    }

    @Test
    void commandsAreGivenAndAnswered() throws Exception {
        try (AdminServer server = serve()) {
            client().restart(Optional.of("w1"), SOON, out);
            client().restart(Optional.of("w1"), Duration.ZERO, out);
            OperatorException failed =
                    catchThrowableOfType(OperatorException.class, () -> client().restart(Optional.empty(), SOON, out));
            assertThat(failed.kind()).isEqualTo(OperatorException.Kind.FAILED);
            assertThat(failed).hasMessage("line one\nline \"two\"");
            OperatorException unknown =
                    catchThrowableOfType(OperatorException.class, () -> client().restart(Optional.of("w9"), SOON, out));
            OperatorException odd = catchThrowableOfType(
                    OperatorException.class, () -> client().restart(Optional.of("../stop"), SOON, out));
            assertThat(unknown.kind()).isEqualTo(OperatorException.Kind.REFUSED);
            assertThat(unknown).hasMessage("There is no worker w9; there are w1, w2.");
            assertThat(odd.kind()).isEqualTo(OperatorException.Kind.REFUSED);
            assertThat(server).isNotNull();
        }
        assertThat(printed.toString(UTF_8)).isEqualTo("Restarting w1.\none\ntwo\nRestarting w1.\nRestarting w1, w2.\n");
        assertThat(operations.commands)
                .containsExactly(
                        "restart w1",
                        "operation 7",
                        "operation 7",
                        "restart w1",
                        "restart all",
                        "operation 8",
                        "restart w9");
    }

    @Test
    void nobodyThereIsToldWithTheSocketsName() {
        OperatorException failure = catchThrowableOfType(OperatorException.class, () -> client().status(out, false));
        assertThat(failure.kind()).isEqualTo(OperatorException.Kind.NO_ANSWER);
        assertThat(failure).hasMessageContaining(socket().toString());
    }

    @Test
    void whatNeverAnswersIsGivenUpAtTheDeadline() throws IOException {
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(socket()));
            OperatorException failure = catchThrowableOfType(
                    OperatorException.class,
                    () -> new OperatorClient(socket(), Duration.ofMillis(50)).status(out, false));
            assertThat(failure.kind()).isEqualTo(OperatorException.Kind.NO_ANSWER);
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNotShown() throws Exception {
        try (ServerSocketChannel broken = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            broken.bind(UnixDomainSocketAddress.of(socket()));
            Thread answering = Thread.ofPlatform().start(() -> {
                try (SocketChannel client = broken.accept()) {
                    client.read(ByteBuffer.allocate(1_000));
                    client.write(
                            ByteBuffer.wrap("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".getBytes(UTF_8)));
                } catch (IOException failure) {
                    throw new IllegalStateException(failure);
                }
            });
            OperatorException failure =
                    catchThrowableOfType(OperatorException.class, () -> client().status(out, false));
            answering.join();
            assertThat(failure).hasMessageContaining("broke off");
            assertThat(printed.size()).isZero();
        }
    }

    private AdminServer serve() throws IOException {
        return AdminServer.start(socket(), operations, AdminServer.DEADLINE);
    }

    private OperatorClient client() {
        return new OperatorClient(socket(), Duration.ofSeconds(10));
    }

    private Path socket() {
        return directory.resolve(AdminServer.SOCKET_NAME);
    }
}
