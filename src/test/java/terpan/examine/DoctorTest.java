package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.config.Address;
import terpan.config.Attach;

final class DoctorTest {
    @TempDir
    private Path folder;

    private static Finding worst(List<Finding> findings) {
        return findings.stream()
                .max((one, other) -> one.level().compareTo(other.level()))
                .orElseThrow();
    }

    private Path made(String name, String mode) throws IOException {
        Path path = Files.createDirectory(folder.resolve(name));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        return path;
    }

    @Test
    void aRunDirectoryOfOurOwnIsWell() throws IOException {
        assertThat(worst(Places.runDirectory(made("run", "rwx------"))).level()).isEqualTo(Finding.Level.OK);
        assertThat(Places.runDirectory(folder.resolve("later")).getLast().text())
                .contains("can be made");
    }

    @Test
    void aRunDirectoryThatOthersMayEnterIsAProblemWithItsCure() throws IOException {
        Finding found = worst(Places.runDirectory(made("run", "rwxr-xr-x")));
        assertThat(found.level()).isEqualTo(Finding.Level.PROBLEM);
        assertThat(found.advice()).startsWith("chmod 700 ");
    }

    @Test
    void aComponentThatOthersMayWriteToIsAWarning() throws IOException {
        Path open = made("open", "rwxrwxrwx");
        Finding found = worst(Places.runDirectory(open.resolve("run")));
        assertThat(found.level()).isEqualTo(Finding.Level.WARNING);
        assertThat(found.text()).contains(open.toString(), "lets others rename");
    }

    @Test
    void belowWhatIsNoDirectoryNothingCanBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Finding found = Places.runDirectory(file.resolve("run")).getLast();
        assertThat(found.level()).isEqualTo(Finding.Level.PROBLEM);
        assertThat(found.text()).contains(file.toString(), "is not a directory");
    }

    @Test
    void aPathThatNoSocketAddressHoldsIsAProblem() {
        Finding found = Places.runDirectory(folder.resolve("x".repeat(100))).getFirst();
        assertThat(found.level()).isEqualTo(Finding.Level.PROBLEM);
        assertThat(found.advice()).contains("shorter");
    }

    @Test
    void anAddressThatIsTakenIsAProblem() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = new Address.Tcp("127.0.0.1", taken.getLocalPort());
            Finding found = Places.address(address);
            assertThat(found.level()).isEqualTo(Finding.Level.PROBLEM);
            assertThat(found.text()).startsWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": process ");
        }
        Address free = new Address.Unix(folder.resolve("socket"));
        assertThat(Places.address(free).level()).isEqualTo(Finding.Level.OK);
    }

    @Test
    void theMachineIsReadFromWhatTheKernelShows() throws IOException {
        write(
                "proc/self/limits",
                "Limit      Soft  Hard  Units\nMax open files            1024                 4096                 files\n");
        write("proc/sys/net/core/somaxconn", "128\n");
        write("proc/self/cgroup", "0::/\n");
        write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        write("sys/fs/cgroup/cpu.max", "150000 100000\n");
        write("sys/fs/cgroup/memory.max", "104857600\n");
        write("sys/fs/cgroup/memory.current", "4857600\n");
        write("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable:    4000000 kB\n");
        assertThat(Machine.read(folder, 8))
                .isEqualTo(new Machine(
                        OptionalLong.of(4096),
                        OptionalLong.of(128),
                        8,
                        OptionalDouble.of(1.5),
                        OptionalLong.of(4_096_000_000L),
                        Optional.of(new ControlGroups.Memory(2, "/", 104_857_600, 4_857_600))));
        assertThat(Machine.read(folder, 8).memory()).hasValue(100_000_000);
    }

    @Test
    void anAttachedWorkerIsLookedForWhereTheSettingsSay() throws IOException {
        Address.Tcp there;
        try (ServerSocket worker = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            there = new Address.Tcp("127.0.0.1", worker.getLocalPort());
            assertThat(attached(there).level()).isEqualTo(Finding.Level.OK);
        }
        Finding away = attached(there);
        assertThat(away.level()).isEqualTo(Finding.Level.WARNING);
        assertThat(away.text()).startsWith(there + " is not reached: ");
        assertThat(attached(new Address.Unix(folder.resolve("worker"))).level()).isEqualTo(Finding.Level.WARNING);
        Finding mistyped = attached(new Address.Tcp("nowhere.invalid", 9000));
        assertThat(mistyped.level()).isEqualTo(Finding.Level.PROBLEM);
        assertThat(mistyped.text()).contains("nowhere.invalid:9000: the name leads nowhere");
    }

    private static Finding attached(Address address) {
        return Attached.look(new Attach(address, 1, 1, Attach.GROUP), Duration.ofSeconds(2));
    }

    @Test
    void whatTheKernelDoesNotTellIsNotGuessed() {
        assertThat(Machine.read(folder, 2))
                .isEqualTo(new Machine(
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        2,
                        OptionalDouble.empty(),
                        OptionalLong.empty(),
                        Optional.empty()));
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aTightMachineIsWarnedOfWithFigures() {
        Machine tight = new Machine(
                OptionalLong.of(256),
                OptionalLong.of(128),
                8,
                OptionalDouble.of(0.5),
                OptionalLong.of(8L << 30),
                Optional.of(new ControlGroups.Memory(1, "/docker/a", 64 << 20, 54 << 20)));
        List<Finding> findings = Doctor.examine(ExaminedSettings.workers(folder, 8), tight, Map.of());
        assertThat(findings)
                .filteredOn(finding -> finding.level() == Finding.Level.WARNING)
                .extracting(Finding::subject)
                .contains("descriptors", "accept queue", "processors", "memory");
        assertThat(findings).anySatisfy(finding -> assertThat(finding.text()).isEqualTo("8 workers on 0.5 processors"));
        assertThat(findings)
                .anySatisfy(
                        finding -> assertThat(finding.text())
                                .startsWith(
                                        "10 MiB available (the machine has 8192, the control group /docker/a, version 1, has 10 of 64)"));
    }
}
