package terpan.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With real sockets, and in whatever language the machine speaks. */
final class AcceptQueueTest {
    private static final int TRIES = 10_000;

    private final List<SocketChannel> clients = new ArrayList<>();
    private Path folder = Path.of("/nowhere");
    private UnixDomainSocketAddress address = UnixDomainSocketAddress.of("/nowhere");

    @BeforeEach
    void aFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "ta");
        address = UnixDomainSocketAddress.of(folder.resolve("s"));
    }

    @AfterEach
    void leaveNothing() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        Files.deleteIfExists(address.getPath());
        Files.delete(folder);
    }

    private void connect() throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.configureBlocking(false);
        client.connect(address);
    }

    private IOException refused() {
        IOException refused = catchThrowableOfType(IOException.class, this::connect);
        assertThat(refused).isNotNull();
        return refused;
    }

    @Test
    void aFullQueueIsToldFromASocketThatIsNotThereOrThatNobodyListensTo() throws IOException {
        assertThat(AcceptQueue.isFull(address, refused())).as("not there").isFalse();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address, 1);
            IOException full = catchThrowableOfType(IOException.class, () -> {
                for (int i = 0; i < TRIES; i++) {
                    connect();
                }
            });
            assertThat(full).isNotNull();
            assertThat(AcceptQueue.isFull(address, full)).as("full").isTrue();
        }
        assertThat(AcceptQueue.isFull(address, refused())).as("nobody listens").isFalse();
    }

    @Test
    void itsTextMayBeInAnyLanguage() {
        SocketException german = new SocketException("Die Ressource ist zur Zeit nicht verfügbar");
        assertThat(AcceptQueue.isFull(address, german)).isTrue();
        assertThat(AcceptQueue.isFull(address, new ConnectException("Verbindungsaufbau abgelehnt")))
                .isFalse();
        assertThat(AcceptQueue.isFull(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), german))
                .as("TCP tells it by no answer")
                .isFalse();
    }
}
