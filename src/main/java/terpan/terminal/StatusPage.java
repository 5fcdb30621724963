package terpan.terminal;

import java.util.ArrayList;
import java.util.List;

/** A status that is watched: the table as it came, as far as it fits. For one thread. */
final class StatusPage implements Page {
    private static final Wish NOTHING = new Wish.Nothing();

    private List<String> text = List.of("Waiting for the first answer.");
    private String lost = "";
    private int offset;

    @Override
    public void take(String answer) {
        text = answer.lines().toList();
        lost = "";
    }

    @Override
    public void lost(String why) {
        lost = why;
    }

    @Override
    public void told(String title, String answer) {
        throw new IllegalStateException("nothing is asked here");
    }

    @Override
    public Wish press(Key key) {
        switch (key.kind()) {
            case UP -> offset--;
            case DOWN -> offset++;
            case HOME -> offset = 0;
            case LETTER -> {
                return key.is('q') ? new Wish.Quit() : NOTHING;
            }
            case PAGE_UP, PAGE_DOWN, END, ENTER, ESCAPE -> {}
        }
        return NOTHING;
    }

    @Override
    public List<Line> lines(Stty.Size size) {
        int room = Math.max(1, size.rows() - 1);
        offset = Math.clamp(offset, 0, Math.max(0, text.size() - room));
        List<Line> lines = new ArrayList<>();
        text.subList(offset, Math.min(text.size(), offset + room)).forEach(line -> lines.add(Line.of(line)));
        while (lines.size() < room) {
            lines.add(new Line());
        }
        int below = Math.max(0, text.size() - offset - room);
        lines.add(Line.of(
                        lost.isEmpty()
                                ? "q quit" + (below > 0 ? "   down: " + below + " lines more" : "")
                                : "Connection lost: " + lost + "; it is tried again, what is above is old")
                .reverse());
        return lines;
    }
}
