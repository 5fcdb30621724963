package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        return Listeners.open(List.of(new Bind(new Address.Unix(socket), Optional.empty(), Optional.empty(), false)));
    }

    @Test
    void aSocketFileIsRemovedWhateverItsModeBecame() throws Exception {
        try (Listeners listeners = open()) {
            assertThat(listeners.channels()).hasSize(1);
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
            assertThat(successor.channels().getFirst().isOpen()).isTrue();
        }
    }

    @Test
    void aSocketFileThatIsGoneIsNoMistake() throws Exception {
        try (Listeners listeners = open()) {
            assertThat(listeners.addresses()).containsExactly("unix:" + socket);
            Files.delete(socket);
        }
    }
}
