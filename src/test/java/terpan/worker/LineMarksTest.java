package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LineMarksTest {
    private final List<String> told = new ArrayList<>();
    private final LineMarks marks = new LineMarks("w0rd", 100, (request, line) -> told.add(request + "|" + line));

    private List<String> take(String text, boolean ends) {
        told.clear();
        marks.take(text, ends);
        return told;
    }

    private List<String> line(String text) {
        return take(text, true);
    }

    @Test
    void aMarkHoldsToTheEndOfItsLine() {
        assertThat(line("terpan: for w0rd 1-2 printed")).containsExactly("1-2|printed");
        assertThat(line("printed by nobody")).containsExactly("|printed by nobody");
        assertThat(line("")).containsExactly("|");
        assertThat(line("terpan: for w0rd 1-2 ")).containsExactly("1-2|");
        assertThat(line("terpan: for w0rd a+b=@~/: x")).containsExactly("a+b=@~/:|x");
    }

    @Test
    void aLineThatOthersCameBetweenIsPutTogether() {
        assertThat(line("terpan: for w0rd 1-1 half, terpan: for w0rd 1-2 whole"))
                .containsExactly("1-2|whole");
        assertThat(line("terpan: for w0rd 1-3 more")).containsExactly("1-3|more");
        assertThat(line("terpan: for w0rd 1-1>rest")).containsExactly("1-1|half, rest");
        assertThat(line("of noneterpan: for w0rd 1-1 whole")).containsExactly("1-1|whole");
        assertThat(line("terpan: for w0rd ->")).containsExactly("|of none");
    }

    @Test
    void oneThatNeverEndsIsToldWithTheNextWhereThereAreTooManyAndAtTheEnd() {
        assertThat(line("terpan: for w0rd 1-1 halfterpan: for w0rd - x")).containsExactly("|x");
        assertThat(line("terpan: for w0rd 1-1 next")).containsExactly("1-1|half", "1-1|next");
        for (int i = 0; i < 32; i++) {
            assertThat(line("terpan: for w0rd 2-" + i + " halfterpan: for w0rd - x"))
                    .containsExactly("|x");
        }
        assertThat(line("terpan: for w0rd 3-1 halfterpan: for w0rd - x")).containsExactly("2-0|half", "|x");
        assertThat(line("terpan: for w0rd 2-0>")).as("its end").isEmpty();
        told.clear();
        marks.flush();
        assertThat(told).hasSize(32).endsWith("3-1|half");
    }

    @Test
    void oneThatIsTooLongIsToldInPieces() {
        assertThat(line("terpan: for w0rd 1-1 " + "a".repeat(99) + "terpan: for w0rd - x"))
                .containsExactly("|x");
        assertThat(line("terpan: for w0rd 1-1>bcterpan: for w0rd - x")).containsExactly("1-1|" + "a".repeat(99), "|x");
        assertThat(line("terpan: for w0rd 1-1>d")).containsExactly("1-1|bcd");
    }

    @Test
    void partsOfALineAreOneLine() {
        assertThat(line("terpan: for w0rd 1-1 aterpan: for w0rd 1-1> terpan: for w0rd 1-1>bterpan: for w0rd 1-1>"))
                .containsExactly("1-1|a b");
    }

    @Test
    void aPieceOfALongLineIsOfTheRequestOfThoseBefore() {
        assertThat(take("terpan: for w0rd 1-1 first", false)).containsExactly("1-1|first");
        assertThat(take("second", true)).containsExactly("1-1|second");
        assertThat(take("another line", true)).containsExactly("|another line");
    }

    @Test
    void whatOnlyLooksLikeAMarkIsText() {
        for (String text : List.of(
                "terpan: for word 1-1 x",
                "terpan: for w0rd  x",
                "terpan: for w0rd 1-1",
                "terpan: for w0rd <script> x",
                "terpan: for w0rd " + "1".repeat(101) + " x")) {
            assertThat(line(text)).containsExactly("|" + text);
        }
        told.clear();
        new LineMarks("", 100, (request, line) -> told.add(request + "|" + line)).take("terpan: for  1-1 x", true);
        assertThat(told).containsExactly("|terpan: for  1-1 x");
    }
}
