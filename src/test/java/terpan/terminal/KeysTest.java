package terpan.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeysTest {
    private final Keys keys = new Keys();

    private List<Key> typed(String text) {
        List<Key> pressed = new ArrayList<>();
        text.chars().forEach(code -> keys.take(code).ifPresent(pressed::add));
        return pressed;
    }

    @ParameterizedTest
    @CsvSource({"[A, UP", "OB, DOWN", "[5~, PAGE_UP", "[6~, PAGE_DOWN", "[H, HOME", "[1~, HOME", "OF, END", "[4~, END"})
    void whatATerminalSendsIsAKey(String sequence, Key.Kind kind) {
        assertThat(typed("\u001b" + sequence)).containsExactly(Key.of(kind));
        assertThat(keys.isOpen()).isFalse();
    }

    @Test
    void lettersComeAsTheyAreAndWhatIsUnknownIsDropped() {
        assertThat(typed("q\r\u001b[1;5C\u0007\u00e4s"))
                .containsExactly(Key.letter('q'), Key.of(Key.Kind.ENTER), Key.letter('s'));
    }

    @Test
    void anEscapeAloneIsTheKeyOnceNothingMoreComes() {
        assertThat(typed("\u001b")).isEmpty();
        assertThat(keys.isOpen()).isTrue();
        assertThat(keys.pause()).contains(Key.of(Key.Kind.ESCAPE));
        assertThat(keys.isOpen()).isFalse();
        assertThat(typed("\u001b[1")).isEmpty();
        assertThat(keys.pause()).isEmpty();
    }

    @Test
    void asLongASequenceAsOneLikesIsNotKept() {
        assertThat(typed("\u001b[" + "1;".repeat(50) + "q").getLast()).isEqualTo(Key.letter('q'));
    }
}
