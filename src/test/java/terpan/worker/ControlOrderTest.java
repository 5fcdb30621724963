package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ControlOrderTest {
    /** What is said before, in order, a plus where it was told to go on or to be deaf; what is said then; whether it may be. */
    @ParameterizedTest
    @CsvSource({
        "'', hello, true",
        "'', bound, false",
        "'', ready, false",
        "'', failed, false",
        "'', deaf, false",
        "hello, hello, false",
        "hello, bound, true",
        "hello, failed, true",
        "hello, ready, false",
        "hello bound, bound, false",
        "hello bound, ready, false",
        "hello bound, failed, true",
        "hello bound go, ready, true",
        "hello bound go, hello, false",
        "hello bound go, bound, false",
        "hello bound go, deaf, false",
        "hello bound go ready, ready, true",
        "hello bound go ready, failed, true",
        "hello bound go ready, kill, false",
        "hello bound go ready deafen, deaf, true",
    })
    void eachMessageHasItsTurn(String before, String then, boolean may) {
        ControlOrder order = new ControlOrder();
        boolean gone = false;
        boolean deafened = false;
        for (String said : before.isEmpty() ? new String[0] : before.split(" ", -1)) {
            switch (said) {
                case "go" -> gone = true;
                case "deafen" -> deafened = true;
                default ->
                    assertThat(order.breach(Map.of("kind", said), gone, deafened, 0))
                            .isEmpty();
            }
        }
        assertThat(order.breach(Map.of("kind", then), gone, deafened, 0).isEmpty())
                .isEqualTo(may);
    }

    @Test
    void whoSaysTooMuchAtOnceIsCutOffAndWhoSaysItSlowlyIsNot() {
        assertThat(saidUntilTheBreach(TimeUnit.MILLISECONDS.toNanos(1))).isEqualTo(60);
        assertThat(saidUntilTheBreach(TimeUnit.SECONDS.toNanos(2))).isEqualTo(1_000);
    }

    private static int saidUntilTheBreach(long pause) {
        ControlOrder order = new ControlOrder();
        order.breach(Map.of("kind", "hello"), false, false, 0);
        order.breach(Map.of("kind", "bound"), false, false, 0);
        int said = 2;
        while (said < 1_000
                && order.breach(Map.of("kind", "ready"), true, false, said * pause)
                        .isEmpty()) {
            said++;
        }
        return said;
    }

    @Test
    void whatIsShownOfAMessageIsOneShortLine() {
        Optional<String> breach =
                new ControlOrder().breach(Map.of("kind", "x\n\u001b[2J" + "y".repeat(1_000)), true, true, 0);
        assertThat(breach.orElseThrow()).hasSizeLessThan(150).startsWith("a message of the unknown kind \"x??[2Jyyy");
    }
}
