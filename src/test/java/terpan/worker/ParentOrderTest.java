package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ParentOrderTest {
    /** What is said before, in order, with where it was told to go on or to fork; what is said then; whether it may be. */
    @ParameterizedTest
    @CsvSource({
        "'', hello, true",
        "'', loaded, false",
        "'', failed, false",
        "'', ended, false",
        "hello, hello, false",
        "hello, loaded, false",
        "hello, failed, true",
        "hello go, loaded, true",
        "hello go, ready, false",
        "hello go, bound, false",
        "hello go loaded, loaded, false",
        "hello go loaded, failed, false",
        "hello go loaded, ended, false",
        "hello go loaded fork, ended, true",
        "hello go loaded fork ended, ended, false",
        "hello go loaded fork fork ended, ended, true",
        "hello go loaded fork, kill, false",
    })
    void eachMessageHasItsTurn(String before, String then, boolean may) {
        ParentOrder order = new ParentOrder();
        boolean gone = false;
        int forks = 0;
        for (String said : before.isEmpty() ? new String[0] : before.split(" ", -1)) {
            switch (said) {
                case "go" -> gone = true;
                case "fork" -> forks++;
                default ->
                    assertThat(order.breach(Map.of("kind", said), gone, forks)).isEmpty();
            }
        }
        assertThat(order.breach(Map.of("kind", then), gone, forks).isEmpty()).isEqualTo(may);
    }
}
