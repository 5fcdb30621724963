package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.edge.limits.HeapShares;

/** How descriptors are shared out: clients and files together never take what the rest needs. */
class DescriptorsTest {
    @ParameterizedTest
    @CsvSource({
        "256, 36, 0",
        "1024, 36, 0",
        "1024, 900, 0",
        "20000, 36, 0",
        "20000, 36, 100",
        "20000, 36, 19000",
        "20000, 36, 50000",
        "10000000, 5000, 0"
    })
    void clientsAndFilesLeaveTheRestItsShare(long limit, long workers, int asked) {
        for (boolean sends : new boolean[] {false, true}) {
            Descriptors shares = Descriptors.of(limit, workers, asked, sends, Integer.MAX_VALUE);
            assertThat(shares.connections()).isPositive();
            assertThat(shares.spools()).isPositive();
            assertThat(shares.files() > 0).isEqualTo(sends);
            long aside = Math.min(limit / 2, workers);
            assertThat(shares.connections() + (long) shares.spools() + shares.files())
                    .isLessThanOrEqualTo(limit - aside);
            if (asked > 0 && asked < limit / 2) {
                assertThat(shares.connections()).isEqualTo(asked);
            }
        }
    }

    @Test
    void aSmallHeapHasRoomForFewerConnections() {
        assertThat(Descriptors.of(20_000, 36, 0, false, 1_000).connections()).isEqualTo(1_000);
        assertThat(Descriptors.of(20_000, 36, 5_000, false, 1_000).connections())
                .as("who wants more has them")
                .isEqualTo(5_000);
        HeapShares small = HeapShares.of(25 << 20);
        assertThat(small.connections()).isBetween(1_000, 1_200);
        assertThat(small.buffers() + small.connections() * 4_096L).isLessThan(13 << 20);
        assertThat(HeapShares.of(4 << 20).connections()).isPositive();
        assertThat(HeapShares.of(700 << 20).connections()).isGreaterThan(40_000);
    }

    @Test
    void whatIsTooLittleForTheSettingsIsRefusedWithWhatIsNeededAndWhatToDo() throws StartFailure {
        assertThatThrownBy(() -> Descriptors.require(2, 0, 40))
                .isInstanceOfSatisfying(
                        StartFailure.class, it -> assertThat(it.reason()).isEqualTo(ExitCode.CONFIGURATION))
                .hasMessageContaining("too few open files are allowed: 40, at least 72 are needed for 2 workers")
                .hasMessageContaining("LimitNOFILE=");
        assertThatThrownBy(() -> Descriptors.require(64, 0, 256)).hasMessageContaining("at least 320 are needed");
        Descriptors.require(2, 0, 72);
    }
}
