package terpan.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lines and sockets over a connection within this process. */
final class HandoverChannelTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private Path folder = Path.of("/nowhere");
    private SocketChannel raw = unset();
    private SocketChannel there = unset();

    private static SocketChannel unset() {
        try {
            SocketChannel closed = SocketChannel.open();
            closed.close();
            return closed;
        } catch (IOException impossible) {
            throw new java.io.UncheckedIOException(impossible);
        }
    }

    @BeforeEach
    void connect() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "th");
        Path place = folder.resolve("socket");
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(place));
            raw = SocketChannel.open(UnixDomainSocketAddress.of(place));
            there = door.accept();
        }
        Files.delete(place);
    }

    @AfterEach
    void close() throws IOException {
        raw.close();
        there.close();
        Files.delete(folder);
    }

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Test
    @SuppressWarnings("try") // that one end is closed is looked at
    void socketsComeWithTheirLinesInOrderAndAccept() throws Exception {
        try (HandoverChannel sends = new HandoverChannel(raw);
                HandoverChannel takes = new HandoverChannel(there);
                ServerSocketChannel first = listener();
                ServerSocketChannel second = listener()) {
            sends.send("greeting");
            sends.send("first", first);
            sends.send("between");
            sends.send("second", second);
            assertThat(takes.await(SOON)).contains("greeting");
            assertThat(takes.await(SOON)).contains("first");
            try (ServerSocketChannel taken = takes.socket()) {
                assertThat(taken.getLocalAddress()).isEqualTo(first.getLocalAddress());
                first.close(); // it goes on listening where it was taken
                try (SocketChannel client = SocketChannel.open(taken.getLocalAddress());
                        SocketChannel accepted = taken.accept()) {
                    assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
                }
            }
            assertThat(takes.await(SOON)).contains("between");
            assertThat(takes.await(SOON)).contains("second");
            try (ServerSocketChannel taken = takes.socket()) {
                assertThat(taken.getLocalAddress()).isEqualTo(second.getLocalAddress());
            }
            assertThat(takes.poll()).isEmpty();
            assertThatThrownBy(takes::socket).isInstanceOf(IOException.class);
            sends.close();
            assertThat(takes.await(SOON)).isEmpty();
            assertThat(takes.hasEnded()).isTrue();
        }
    }

    @Test
    void whoSaysNothingIsNotWaitedForForEver() throws Exception {
        try (HandoverChannel takes = new HandoverChannel(there)) {
            assertThatThrownBy(() -> takes.await(Duration.ofMillis(50)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("nothing came within");
        }
    }

    @Test
    void aLineWithoutAnEndIsNotKept() throws Exception {
        try (HandoverChannel takes = new HandoverChannel(there)) {
            ByteBuffer much = ByteBuffer.wrap("x".repeat(40_000).getBytes(StandardCharsets.US_ASCII));
            while (much.hasRemaining()) {
                raw.write(much);
            }
            assertThatThrownBy(() -> takes.await(SOON)).hasMessageContaining("a line of more than 16384 bytes");
        }
    }

    @Test
    void aSocketThatDoesNotListenIsRefused() throws Exception {
        try (HandoverChannel sends = new HandoverChannel(raw);
                HandoverChannel takes = new HandoverChannel(there);
                ServerSocketChannel unbound = ServerSocketChannel.open()) {
            sends.send("socket", unbound);
            assertThatThrownBy(() -> takes.await(SOON)).hasMessageContaining("it does not listen");
        }
    }
}
