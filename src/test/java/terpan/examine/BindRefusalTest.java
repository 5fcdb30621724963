package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.Address;

/** What is said of addresses that real sockets cannot be bound to. */
final class BindRefusalTest {
    @TempDir
    private Path folder;

    private static BindRefusal refused(String host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            BindException refused = catchThrowableOfType(
                    BindException.class, () -> socket.bind(new InetSocketAddress(InetAddress.getByName(host), port)));
            return BindRefusal.of(new Address.Tcp(host, port), refused);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::1"})
    void whoListensThereIsNamedWithItsNumberAndItsCommand(String host) throws IOException {
        try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            BindRefusal refusal = refused(host, holder.getLocalPort());
            assertThat(refusal.why())
                    .startsWith("process " + ProcessHandle.current().pid() + " (java ")
                    .endsWith(") listens there");
            assertThat(refusal.advice()).contains("--bind");
        }
    }

    @Test
    void theProcessOfATerpanIsShownAsItsCommand() {
        assertThat(PortHolder.command(
                        "/opt/jdk/bin/java\0-Xmx256m\0-cp\0/a/terpan.jar\0terpan.cli.Main\0serve\0app.py\0"))
                .isEqualTo("terpan serve app.py");
        assertThat(PortHolder.command("/usr/sbin/nginx\0-g\0daemon off;\0\0")).isEqualTo("nginx -g daemon off;");
        assertThat(PortHolder.command("a\u001b[2J" + "x".repeat(1000)))
                .hasSizeLessThan(110)
                .startsWith("a?[2J")
                .endsWith("...");
    }

    @Test
    void anAddressOfAnotherMachineIsToldWithThoseOfThisOne() throws IOException {
        BindRefusal refusal = refused("192.0.2.1", 8000);
        assertThat(refusal.why()).isEqualTo("192.0.2.1 is no address of this machine");
        assertThat(refusal.advice()).startsWith("it has ").contains("127.0.0.1", ":8000 listens on all of them");
    }

    @Test
    void aPortThatOnlyRootMayTakeComesWithEveryWayToIt() throws IOException {
        Path start = folder.resolve("proc/sys/net/ipv4/ip_unprivileged_port_start");
        Files.createDirectories(start.resolve(".."));
        Files.createDirectories(folder.resolve("proc/self"));
        Files.writeString(start, "1024\n");
        Files.writeString(folder.resolve("proc/self/status"), "Name:\tjava\nCapEff:\t0000000000000000\n");
        BindRefusal refusal =
                BindRefusal.of(new Address.Tcp("0.0.0.0", 80), new BindException("Permission denied"), folder);
        assertThat(refusal.why())
                .startsWith("permission denied: ports below 1024")
                .contains("CAP_NET_BIND_SERVICE");
        assertThat(refusal.advice().lines())
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).contains("a port from 1024 up with --bind"))
                .anySatisfy(line -> assertThat(line).contains("AmbientCapabilities=CAP_NET_BIND_SERVICE"))
                .anySatisfy(line -> assertThat(line).contains("setpriv", "--ambient-caps=+net_bind_service"))
                .anySatisfy(line -> assertThat(line).contains("sysctl net.ipv4.ip_unprivileged_port_start=80"))
                .anySatisfy(line -> assertThat(line).contains("setcap cap_net_bind_service=+ep", "/bin/java"));
        Files.writeString(folder.resolve("proc/self/status"), "CapEff:\t0000000000000400\n");
        assertThat(BindRefusal.of(new Address.Tcp("0.0.0.0", 80), new BindException("as it says"), folder)
                        .why())
                .as("with the capability that is not the reason")
                .isEqualTo("as it says");
    }

    @Test
    void aFolderThatIsMissingOrNoneIsNamed() throws IOException {
        Path socket = folder.resolve("a/b/clients");
        IOException refused = new IOException("No such file or directory");
        BindRefusal missing = BindRefusal.of(new Address.Unix(socket), refused);
        assertThat(missing.why()).isEqualTo("the folder " + folder.resolve("a") + " does not exist");
        assertThat(missing.advice()).startsWith("make it: mkdir -p " + folder.resolve("a/b"));
        Files.writeString(folder.resolve("a"), "");
        assertThat(BindRefusal.of(new Address.Unix(socket), refused).why())
                .isEqualTo(folder.resolve("a") + " is no folder");
    }
}
