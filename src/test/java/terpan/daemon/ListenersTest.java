package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.config.Address;
import terpan.config.Bind;

final class ListenersTest {
    private Path folder = Path.of("/nowhere");
    private Path socket = Path.of("/nowhere");

    @BeforeEach
    void aFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "ts");
        socket = folder.resolve("clients");
    }

    @AfterEach
    void leaveNothing() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        Files.delete(folder);
    }

    private Listeners open() throws StartFailure {
        return Listeners.open(
                List.of(new Bind(new Address.Unix(socket), Optional.empty(), Optional.empty(), false, false, false)));
    }

    @Test
    void aSocketFileIsRemovedWhateverItsModeBecame() throws Exception {
        try (Listeners listeners = open()) {
            assertThat(listeners.all()).hasSize(1);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSocketThatASuccessorHasBoundThereStays() throws Exception {
        Listeners first = open();
        Files.delete(socket);
        try (Listeners successor = open()) {
            first.close();
            assertThat(socket).exists();
            assertThat(successor.all().getFirst().channel().isOpen()).isTrue();
        }
    }

    @Test
    void aSocketFileThatIsGoneIsNoMistake() throws Exception {
        try (Listeners listeners = open()) {
            assertThat(listeners.addresses()).containsExactly("unix:" + socket);
            Files.delete(socket);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, http://127.0.0.1:PORT/",
        "::1, http://[::1]:PORT/",
        "0.0.0.0, http://0.0.0.0:PORT/ (every address of this machine)",
        "::, http://[::]:PORT/ (every address of this machine)"
    })
    void addressesAreShownAsAPersonTypesThem(String host, String shown) throws Exception {
        Bind bind = new Bind(new Address.Tcp(host, 0), Optional.empty(), Optional.empty(), false, false, false);
        try (Listeners listeners = Listeners.open(List.of(bind))) {
            int port = ((InetSocketAddress) listeners.all().getFirst().channel().getLocalAddress()).getPort();
            String expected = shown.replace("PORT", Integer.toString(port));
            assertThat(listeners.shown()).containsExactly(expected);
            assertThat(listeners.addresses()).containsExactly(expected.replaceFirst(" .*", ""));
        }
    }

    @Test
    void aFileThatIsNoSocketStaysInTheWay() throws Exception {
        Files.writeString(socket, "");
        assertThatThrownBy(this::open).hasMessageContaining("a file that is not a socket is in the way");
        Files.delete(socket);
    }

    @Test
    void aGroupThatIsNotThereIsNamed() throws Exception {
        Bind bind =
                new Bind(new Address.Unix(socket), Optional.empty(), Optional.of("no-such-group"), false, false, false);
        assertThatThrownBy(() -> Listeners.open(List.of(bind)).close())
                .hasMessage("cannot listen on unix:" + socket + ": there is no group no-such-group");
    }
}
