package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ShortageTest {
    private static final long MIB = 1L << 20;

    @Test
    void asManyWorkersOfTheSameSizeHaveToFitWithATenthToSpare() {
        List<Long> sizes = List.of(100 * MIB, 200 * MIB);
        assertThat(Shortage.of(sizes, 2, OptionalLong.of(331 * MIB))).isEmpty();
        assertThat(Shortage.of(sizes, 2, OptionalLong.of(329 * MIB)))
                .contains("329 MiB of memory are free, and 2 more workers of 150 MiB each need more");
    }

    @Test
    void whatIsNotKnownIsNoShortage() {
        assertThat(Shortage.of(List.of(), 2, OptionalLong.of(1))).isEmpty();
        assertThat(Shortage.of(List.of(MIB), 2, OptionalLong.empty())).isEmpty();
    }
}
