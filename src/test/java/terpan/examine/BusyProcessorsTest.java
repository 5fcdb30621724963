package terpan.examine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How busy processors are, from files as the kernel shows them. */
final class BusyProcessorsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Offset<Double> EXACT = within(1e-9);

    @TempDir
    private Path root;

    private void write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void stat(String first, String second) throws IOException {
        write("proc/stat", "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 " + first + "\ncpu1 " + second + "\nintr 5\n");
    }

    @Test
    void allThatIsNeitherIdleNorWaitsForADiskIsBusy() throws IOException {
        stat("0 0 0 100 0 0 0 0 0 0", "0 0 0 100 0 0 0 0 0 0");
        BusyProcessors busy = new BusyProcessors(root);
        assertThat(busy.share(0)).as("there is nothing to compare with").isNegative();
        stat("30 5 10 140 10 1 2 2 20 0", "0 0 0 150 50 0 0 0 0 0");
        assertThat(busy.share(SECOND)).isCloseTo(0.25, EXACT);
        assertThat(busy.share(SECOND)).as("no time has gone by").isNegative();
    }

    @Test
    void onlyThoseCountThatThisProcessMayUse() throws IOException {
        write("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t1,5-7\n");
        stat("0 0 0 100 0 0 0 0 0 0", "0 0 0 100 0 0 0 0 0 0");
        BusyProcessors busy = new BusyProcessors(root);
        busy.share(0);
        stat("0 0 0 200 0 0 0 0 0 0", "90 0 0 110 0 0 0 0 0 0");
        assertThat(busy.share(SECOND)).isCloseTo(0.9, EXACT);
    }

    @Test
    void ofTheMachineAndWhatAControlGroupGrantsTheBusierCounts() throws IOException {
        write("proc/self/cgroup", "0::/shop\n");
        write("proc/self/mountinfo", "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
        write("sys/fs/cgroup/shop/cpu.max", "150000 100000\n");
        write("sys/fs/cgroup/shop/cpu.stat", "usage_usec 1000000\nuser_usec 1\n");
        stat("0 0 0 100 0 0 0 0 0 0", "0 0 0 100 0 0 0 0 0 0");
        BusyProcessors busy = new BusyProcessors(root);
        busy.share(0);
        stat("50 0 0 150 0 0 0 0 0 0", "0 0 0 200 0 0 0 0 0 0");
        write("sys/fs/cgroup/shop/cpu.stat", "usage_usec 2200000\nuser_usec 1\n");
        assertThat(busy.share(SECOND)).isCloseTo(0.8, EXACT);
    }

    @Test
    void versionOneOfControlGroupsTellsItToo() throws IOException {
        write("proc/self/cgroup", "4:cpu,cpuacct:/shop\n");
        write("proc/self/mountinfo", "33 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
        write("sys/fs/cgroup/cpu,cpuacct/shop/cpu.cfs_quota_us", "50000\n");
        write("sys/fs/cgroup/cpu,cpuacct/shop/cpu.cfs_period_us", "100000\n");
        write("sys/fs/cgroup/cpu,cpuacct/shop/cpuacct.usage", "0\n");
        BusyProcessors busy = new BusyProcessors(root);
        assertThat(busy.share(0)).isNegative();
        write("sys/fs/cgroup/cpu,cpuacct/shop/cpuacct.usage", "400000000\n");
        assertThat(busy.share(SECOND)).isCloseTo(0.8, EXACT);
    }

    @Test
    void whereTheKernelTellsNothingNothingIsKnown() {
        BusyProcessors busy = new BusyProcessors(root);
        assertThat(busy.share(0)).isNegative();
        assertThat(busy.share(SECOND)).isNegative();
    }
}
