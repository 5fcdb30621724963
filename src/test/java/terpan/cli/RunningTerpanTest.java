package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;

final class RunningTerpanTest {
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();
    private Path directory = Path.of("/tmp");

    @BeforeEach
    void begin() throws IOException {
        // Under a short name, for the path of a socket is bounded.
        directory = Files.createTempDirectory("tr");
        made.add(directory);
    }

    @AfterEach
    void end() throws IOException {
        for (ServerSocketChannel listener : listeners) {
            listener.close();
        }
        for (Path path : made.reversed()) {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void theOnlyOneThatAnswersIsMeant() throws Exception {
        Path socket = running("terpan-1");
        stale("terpan-2");
        running("other-3");
        assertThat(find()).isEqualTo(socket);
    }

    @Test
    void ofSeveralOneHasToBeNamed() throws Exception {
        Path one = running("terpan-1");
        Path other = running("terpan-2");
        assertThatThrownBy(this::find)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("several are running")
                .hasMessageContaining(one.getParent() + ", " + other.getParent());
        assertThat(search().socket(Optional.of(directory.resolve("terpan-2")))).isEqualTo(other);
    }

    @Test
    void whenNoneAnswersThePlacesAreNamed() throws Exception {
        stale("terpan-1");
        assertThatThrownBy(this::find).isInstanceOfSatisfying(StartFailure.class, failure -> {
            assertThat(failure.reason()).isEqualTo(ExitCode.NOT_RUNNING);
            assertThat(failure).hasMessageContaining(directory.toString()).hasMessageContaining("--run-directory");
        });
    }

    private Path find() throws StartFailure {
        return search().socket(Optional.empty());
    }

    private RunningTerpan search() {
        return new RunningTerpan(Map.of("XDG_RUNTIME_DIR", directory.toString()), directory.resolve("none"));
    }

    private Path running(String name) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listeners.add(listener);
        Path socket = socket(name);
        listener.bind(UnixDomainSocketAddress.of(socket));
        return socket;
    }

    private void stale(String name) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket(name)));
        }
    }

    private Path socket(String name) throws IOException {
        Path inside = Files.createDirectory(directory.resolve(name));
        made.add(inside);
        made.add(inside.resolve("operators"));
        return inside.resolve("operators");
    }
}
