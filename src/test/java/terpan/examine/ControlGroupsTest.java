package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups as folders show them, and real ones where they can be made. */
final class ControlGroupsTest {
    private static final long MIB = 1L << 20;

    @TempDir
    private Path root;

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void version2(String ours, String shown) throws IOException {
        write("proc/self/cgroup", "0::" + ours + "\n");
        write(
                "proc/self/mountinfo",
                "25 1 0:23 / / rw - ext4 /dev/vda rw\n30 25 0:26 " + shown
                        + " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
    }

    private void version1(String ours, String shown) throws IOException {
        write("proc/self/cgroup", "5:memory:" + ours + "\n4:cpu,cpuacct:" + ours + "\n1:name=systemd:/x\n0::/\n");
        write(
                "proc/self/mountinfo",
                "33 31 0:31 " + shown + " /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 "
                        + shown + " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    }

    @Test
    void ofNestedGroupsOfVersion2TheSmallestCounts() throws IOException {
        version2("/system.slice/shop.service", "/");
        write("sys/fs/cgroup/system.slice/memory.max", (512 * MIB) + "\n");
        write("sys/fs/cgroup/system.slice/memory.current", (500 * MIB) + "\n");
        write("sys/fs/cgroup/system.slice/memory.stat", "anon 1\ninactive_file " + (100 * MIB) + "\n");
        write("sys/fs/cgroup/system.slice/cpu.max", "50000 100000\n");
        write("sys/fs/cgroup/system.slice/shop.service/memory.max", "max\n");
        write("sys/fs/cgroup/system.slice/shop.service/memory.current", MIB + "\n");
        write("sys/fs/cgroup/system.slice/shop.service/cpu.max", "max 100000\n");
        ControlGroups groups = ControlGroups.read(root);
        assertThat(groups.memory()).hasValueSatisfying(memory -> {
            assertThat(memory).isEqualTo(new ControlGroups.Memory(2, "/system.slice", 512 * MIB, 400 * MIB));
            assertThat(memory.left()).isEqualTo(112 * MIB);
        });
        assertThat(groups.processors()).hasValue(0.5);
    }

    @Test
    void ofNestedGroupsOfVersion1TheSmallestCounts() throws IOException {
        version1("/docker/abc", "/");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", (64 * MIB) + "\n");
        write("sys/fs/cgroup/memory/docker/memory.usage_in_bytes", (10 * MIB) + "\n");
        write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", (128 * MIB) + "\n");
        write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", (5 * MIB) + "\n");
        write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "150000\n");
        write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us", "-1\n");
        write("sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us", "100000\n");
        ControlGroups groups = ControlGroups.read(root);
        assertThat(groups.memory()).hasValue(new ControlGroups.Memory(1, "/docker", 64 * MIB, 10 * MIB));
        assertThat(groups.processors()).hasValue(1.5);
    }

    @Test
    void aContainerSeesItsOwnGroupWhereTheRootWouldBe() throws IOException {
        version1("/docker/abc", "/docker/abc");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", (256 * MIB) + "\n");
        assertThat(ControlGroups.read(root).memory()).hasValue(new ControlGroups.Memory(1, "/", 256 * MIB, 0));
        version2("/../elsewhere", "/");
        write("sys/fs/cgroup/memory.max", (32 * MIB) + "\n");
        assertThat(ControlGroups.read(root).memory()).hasValue(new ControlGroups.Memory(2, "/", 32 * MIB, 0));
    }

    @Test
    void withoutALimitOrGroupsThereIsNone() throws IOException {
        assertThat(ControlGroups.read(root).memory()).isEmpty();
        assertThat(ControlGroups.read(root).processors()).isEmpty();
        version2("/", "/");
        write("sys/fs/cgroup/memory.max", "max\n");
        assertThat(ControlGroups.read(root).memory()).isEmpty();
    }

    /** The flags of the script: what Java makes of a limit that a group above its own has. */
    @Test
    void theHeapFollowsTheMachineAndARealGroup() throws Exception {
        assertThat(heap("", "-XX:MaxRAM=512m")).isEqualTo(64 * MIB);
        assertThat(heap("", "-XX:MaxRAM=2048m")).isEqualTo(126 * MIB);
        Path hierarchy = Path.of("/sys/fs/cgroup/memory");
        if (!Files.isWritable(hierarchy.resolve("cgroup.procs"))) {
            return; // no group can be made here: the machine's size alone is tried
        }
        Path outer = hierarchy.resolve("terpan-test-" + ProcessHandle.current().pid());
        Path inner = outer.resolve("inner");
        Files.createDirectory(outer);
        Files.createDirectory(inner);
        try {
            Files.writeString(outer.resolve("memory.limit_in_bytes"), Long.toString(512 * MIB));
            assertThat(heapIn(inner)).isEqualTo(64 * MIB);
            Files.writeString(outer.resolve("memory.limit_in_bytes"), Long.toString(2048 * MIB));
            assertThat(heapIn(inner)).isEqualTo(126 * MIB);
            Files.writeString(inner.resolve("memory.limit_in_bytes"), Long.toString(8192 * MIB));
            assertThat(heapIn(inner)).as("the smaller one above it").isEqualTo(126 * MIB);
        } finally {
            Files.delete(inner);
            Files.delete(outer);
        }
    }

    private long heapIn(Path group) throws Exception {
        return heap("echo $$ > " + group.resolve("cgroup.procs") + " && ", "");
    }

    private long heap(String before, String more) throws Exception {
        String flags = Files.readString(Path.of(System.getProperty("terpan.basedir", "."), "scripts/run-java"))
                .lines()
                .filter(line -> line.startsWith("heap="))
                .map(line -> line.substring("heap=\"".length(), line.length() - 1))
                .findFirst()
                .orElseThrow();
        Process java = new ProcessBuilder(
                        "sh",
                        "-c",
                        before + "exec \"$0\" -XX:+UseSerialGC " + flags + " " + more
                                + " -XX:+PrintFlagsFinal -version",
                        Path.of(System.getProperty("java.home"), "bin/java").toString())
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("flags").toFile())
                .start();
        assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readAllLines(root.resolve("flags")).stream()
                .filter(line -> line.contains(" MaxHeapSize "))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*= *(\\d+).*", "$1")))
                .findFirst()
                .orElseThrow();
    }
}
