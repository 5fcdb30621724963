package terpan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {
    private static final List<String> KNOWN = List.of("count", "threads", "queue-size", "queue-wait");

    @Test
    void aMissingAnExtraAChangedAndASwappedLetterAreForgiven() {
        assertThat(Nearest.to("thread", KNOWN)).contains("threads");
        assertThat(Nearest.to("counnt", KNOWN)).contains("count");
        assertThat(Nearest.to("queue_size", KNOWN)).contains("queue-size");
        assertThat(Nearest.to("cuont", KNOWN)).contains("count");
    }

    @Test
    void aWordFarFromAllIsNotGuessedAt() {
        assertThat(Nearest.to("colour", KNOWN)).isEmpty();
        assertThat(Nearest.to("x".repeat(10_000), KNOWN)).isEmpty();
    }
}
