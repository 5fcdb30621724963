package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        Descriptors shares = Descriptors.of(limit, workers, asked);
        assertThat(shares.connections()).isPositive();
        assertThat(shares.spools()).isPositive();
        long aside = Math.min(limit / 2, workers);
        assertThat(shares.connections() + (long) shares.spools()).isLessThanOrEqualTo(limit - aside);
        if (asked > 0 && asked < limit / 2) {
            assertThat(shares.connections()).isEqualTo(asked);
        }
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
