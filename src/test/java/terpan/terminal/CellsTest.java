package terpan.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CellsTest {
    @Test
    void nothingThatATerminalObeysIsLeft() {
        assertThat(Cells.plain("GET /\u001b[2J\u0007\u009b31m\r\n\u202ex\u2028"))
                .isEqualTo("GET /\\u001b[2J\\u0007\\u009b31m\\u000d\\u000a\\u202ex\\u2028");
        assertThat(Cells.plain("a\udb40\udc41b\ud800c")).isEqualTo("ab\\ud800c");
        assertThat(Cells.plain("größe 価格")).isEqualTo("größe 価格");
    }

    @Test
    void wideCharactersTakeTwoCellsAndMarksNone() {
        assertThat(Cells.width("価格")).isEqualTo(4);
        assertThat(Cells.width("e\u0301")).isEqualTo(1);
        assertThat(Cells.width("\ud83d\ude80")).isEqualTo(2);
        assertThat(Cells.width("plain")).isEqualTo(5);
    }

    @Test
    void whatIsCutNeverHasMoreCellsThanThereAre() {
        assertThat(Cells.cut("GET /report/{}", 10)).isEqualTo("GET /rep..");
        assertThat(Cells.cut("価格価格価格", 7)).isEqualTo("価格..");
        assertThat(Cells.cut("価格", 3)).isEqualTo("価");
        assertThat(Cells.cut("anything", 0)).isEmpty();
        assertThat(Cells.left("価格価格価格", 8)).isEqualTo("価格価..");
        assertThat(Cells.left("価格価格価格", 7)).isEqualTo("価格.. ");
        assertThat(Cells.right("7", 3)).isEqualTo("  7");
    }

    @Test
    void aLineEndsAtTheEdgeWhateverItsStyles() {
        Line line = new Line().add(Style.BAD, "four").add("five5").add(Style.GOOD, "six");
        assertThat(line.drawn(20, Looks.COLOURED)).isEqualTo("\u001b[1;31mfour\u001b[0mfive5\u001b[32msix\u001b[0m");
        assertThat(line.drawn(6, Looks.NONE)).isEqualTo("fourfi");
        assertThat(line.drawn(4, Looks.COLOURED)).isEqualTo("\u001b[1;31mfour\u001b[0m");
        assertThat(Line.of("x").reverse().drawn(3, Looks.PLAIN)).isEqualTo("\u001b[7mx\u001b[0m\u001b[7m  \u001b[0m");
    }
}
