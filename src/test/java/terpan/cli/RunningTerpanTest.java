package terpan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import terpan.admin.AdminServer;
import terpan.admin.CommandResult;
import terpan.admin.OperationSnapshot;
import terpan.daemon.ExitCode;
import terpan.daemon.StartFailure;
import terpan.metrics.MetricsFormat;
import terpan.picture.Activity;
import terpan.picture.Picture;

final class RunningTerpanTest {
    private final List<AdminServer> servers = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();
    private Path directory = Path.of("/tmp");
    private Path sockets = Path.of("/tmp");

    /** Serves an application at an address, and does nothing else. */
    private record Site(String application, String address) implements RefusingOperations {
        @Override
        public Picture status() {
            return new Picture(
                    "0",
                    1,
                    "serving",
                    Instant.EPOCH,
                    Duration.ZERO,
                    List.of(address),
                    "builtin",
                    Optional.of(application),
                    1,
                    Optional.empty(),
                    0,
                    0,
                    0,
                    0,
                    new Picture.Spool(0, 0, 0),
                    new Picture.Requests(0, 0, 0, 0, 0, 0),
                    List.of(),
                    List.of(),
                    List.of(),
                    0,
                    0,
                    new Picture.Buffers(0, 0),
                    new Picture.Dropped(0, 0),
                    Optional.empty(),
                    List.of(),
                    Picture.Issuance.NONE,
                    List.of(),
                    Activity.NONE);
        }

        @Override
        public Optional<OperationSnapshot> operation(String id) {
            return Optional.empty();
        }

        @Override
        public CommandResult stop() {
            return new CommandResult.Refused("not here");
        }

        @Override
        public void writeMetrics(OutputStream out, MetricsFormat format) {}
    }

    @BeforeEach
    void begin() throws IOException {
        // Under a short name, for the path of a socket is bounded.
        directory = Files.createTempDirectory("tr");
        made.add(directory);
        sockets = directory.resolve("unix");
        made.add(sockets);
        Files.writeString(sockets, "Num       RefCount Protocol Flags    Type St Inode Path\n");
    }

    @AfterEach
    void end() throws IOException {
        for (AdminServer server : servers) {
            server.close();
        }
        for (Path path : made.reversed()) {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void theOnlyOneThatAnswersIsMeant() throws Exception {
        Path socket = running("shop", "shop:app", "127.0.0.1:1");
        stale("gone");
        listed("00010000", "/tmp/other/socket");
        listed("00000000", "@abstract/operators");
        assertThat(search().alone()).isEqualTo(socket);
    }

    @Test
    void severalAreListedWithApplicationAndAddress() throws Exception {
        running("a", "shop:app in /srv/shop", "127.0.0.1:1");
        Path blog = running("b", "blog:app in /srv/blog", "127.0.0.1:2");
        assertThatThrownBy(() -> search().alone())
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("several are running")
                .hasMessageContaining("\n  shop:app in /srv/shop with builtin, on 127.0.0.1:1: --run-directory "
                        + directory.resolve("a"))
                .hasMessageContaining("\n  blog:app in /srv/blog with builtin, on 127.0.0.1:2: --run-directory ");
        assertThat(search().in(directory.resolve("b"), "")).isEqualTo(blog);
    }

    @Test
    void whenNoneAnswersItIsSaidAndWhatRunsIsListed() throws Exception {
        stale("gone");
        assertThatThrownBy(() -> search().alone()).isInstanceOfSatisfying(StartFailure.class, failure -> {
            assertThat(failure.reason()).isEqualTo(ExitCode.NOT_RUNNING);
            assertThat(failure).hasMessageContaining("--run-directory");
        });
        running("a", "shop:app in /srv/shop", "127.0.0.1:1");
        assertThatThrownBy(() -> search().in(directory.resolve("gone"), "that it printed"))
                .hasMessageContaining("no Terpan answers at " + directory.resolve("gone/operators"))
                .hasMessageContaining("Running are:\n  shop:app in /srv/shop");
    }

    private RunningTerpan search() {
        return new RunningTerpan(sockets);
    }

    private Path running(String name, String application, String address) throws IOException {
        Path socket = socket(name);
        servers.add(AdminServer.start(socket, new Site(application, address), AdminServer.DEADLINE));
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
        listed("00010000", inside.resolve("operators").toString());
        return inside.resolve("operators");
    }

    private void listed(String flags, String path) throws IOException {
        Files.writeString(
                sockets,
                "0000000000000000: 00000002 00000000 " + flags + " 0001 01 12345 " + path + "\n",
                StandardOpenOption.APPEND);
    }
}
