package terpan.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import terpan.admin.OperatorClient;

/** Top on a terminal: what is selected, sorted by, asked. For one thread. */
final class TopPage implements Page {
    private static final Wish NOTHING = new Wish.Nothing();
    private static final int TEXT_MOST = 2_000;
    private static final List<String> HELP = List.of(
            "Each worker with what its places do: for how long, which route, for which client. From 2 s on a request",
            "is slow, from 10 s on stuck. Requests that wait for a place stand below, as \"queue\".",
            "",
            "  up, down, page up, page down, home, end    another worker",
            "  n  a  p  m  c    sort: name; age, the oldest request first; places taken; memory; count of requests",
            "  s, enter         what the threads of the worker are at, in Python",
            "  r                reload settings and code, once you have said y",
            "  ?                this help",
            "  q, Ctrl-C        leave; escape leaves a stack or this help",
            "",
            "The same in words: terpan status. What was slow: terpan slow. The log: terpan logs -f.");

    private enum Mode {
        TABLE,
        /** A text instead of the table: help, or a stack. */
        TEXT,
        /** Somebody has to say y. */
        SURE
    }

    private final OperatorClient client;
    private final String application;
    private Optional<TopPicture> picture = Optional.empty();
    private Optional<String> lost = Optional.empty();
    private Sort sort = Sort.NAME;
    private Mode mode = Mode.TABLE;
    private String selected = "";
    private String message = "";
    private String title = "";
    private List<String> text = List.of();

    /** The first line that is shown, of the table or of the text. */
    private int offset;

    /** Lines that the last picture had room for. */
    private int room = 1;

    /**
     * Nothing is known yet.
     *
     * @param application the one of several that is meant; empty: the only one, or all
     */
    TopPage(OperatorClient client, String application) {
        this.client = client;
        this.application = application;
    }

    @Override
    public void take(String answer) {
        picture = Optional.of(TopPicture.read(answer, application));
        lost = Optional.empty();
        List<TopPicture.Row> rows = rows();
        if (!rows.isEmpty() && rows.stream().noneMatch(row -> row.key().equals(selected))) {
            // The worker of this name goes on in another generation; of one that is gone the first is taken.
            String name = selected.substring(0, Math.max(0, selected.lastIndexOf('/')));
            selected = rows.stream()
                    .filter(row -> row.name().equals(name))
                    .findFirst()
                    .orElse(rows.getFirst())
                    .key();
        }
    }

    @Override
    public void lost(String why) {
        lost = Optional.of(why);
    }

    @Override
    public void told(String what, String answer) {
        if (what.isEmpty()) {
            message = answer.strip().replaceAll("\\s*\\n\\s*", "; ");
            return;
        }
        message = "";
        show(what, answer.lines().limit(TEXT_MOST).toList());
    }

    private void show(String what, List<String> lines) {
        mode = Mode.TEXT;
        title = what;
        text = lines;
        offset = 0;
    }

    private List<TopPicture.Row> rows() {
        return picture.map(now -> now.rows().stream().sorted(sort.order()).toList())
                .orElse(List.of());
    }

    @Override
    public Wish press(Key key) {
        return switch (mode) {
            case TABLE -> inTable(key);
            case TEXT -> inText(key);
            case SURE -> sure(key);
        };
    }

    private Wish inTable(Key key) {
        message = "";
        return switch (key.kind()) {
            case LETTER -> letter(key.letter());
            case ENTER -> stack();
            case UP -> move(-1);
            case DOWN -> move(1);
            case PAGE_UP -> move(-room);
            case PAGE_DOWN -> move(room);
            case HOME -> move(-rows().size());
            case END -> move(rows().size());
            case ESCAPE -> NOTHING;
        };
    }

    private Wish letter(char letter) {
        for (Sort one : Sort.values()) {
            if (one.key() == letter) {
                sort = one;
                offset = 0;
                return NOTHING;
            }
        }
        switch (letter) {
            case 'q' -> {
                return new Wish.Quit();
            }
            case 's' -> {
                return stack();
            }
            case 'r' -> mode = Mode.SURE;
            case '?', 'h' -> show("Help", HELP);
            default -> message = "no such key: " + letter + "; ? shows those that there are";
        }
        return NOTHING;
    }

    private Wish move(int by) {
        List<TopPicture.Row> rows = rows();
        for (int at = 0; at < rows.size(); at++) {
            if (rows.get(at).key().equals(selected)) {
                selected =
                        rows.get(Math.clamp((long) at + by, 0, rows.size() - 1)).key();
                break;
            }
        }
        return NOTHING;
    }

    private Wish stack() {
        Optional<TopPicture.Row> row =
                rows().stream().filter(one -> one.key().equals(selected)).findFirst();
        if (row.isEmpty() || !row.get().isWorker()) {
            message = "that is no worker, which alone has a stack";
            return NOTHING;
        }
        String name = row.get().name();
        message = "asking " + name + " for its stack ...";
        return new Wish.Asking("Stack of " + name, () -> client.stackText(name));
    }

    private Wish inText(Key key) {
        switch (key.kind()) {
            case UP -> offset--;
            case DOWN -> offset++;
            case PAGE_UP -> offset -= room;
            case PAGE_DOWN -> offset += room;
            case HOME -> offset = 0;
            case END -> offset = text.size();
            case LETTER, ENTER, ESCAPE -> {
                mode = Mode.TABLE;
                offset = 0;
                return key.is('s') ? stack() : NOTHING;
            }
        }
        return NOTHING;
    }

    private Wish sure(Key key) {
        mode = Mode.TABLE;
        if (!key.is('y')) {
            message = "nothing is reloaded";
            return NOTHING;
        }
        message = "reload ...";
        return new Wish.Asking("", () -> client.of(application).beginReload());
    }

    @Override
    public List<Line> lines(Stty.Size size) {
        List<Line> lines = new ArrayList<>();
        lost.ifPresent(why -> lines.add(Line.of(
                        Style.BAD,
                        "Connection lost: " + why + "; it is tried again"
                                + (picture.isPresent() ? ", what is below is old" : ""))
                .reverse()));
        if (picture.isEmpty()) {
            lines.add(Line.of("Waiting for the first answer."));
        } else if (mode == Mode.TEXT) {
            lines.add(Line.of(Style.STRONG, title).reverse());
            scrolled(lines, text.stream().map(Line::of).toList(), size);
        } else {
            lines.addAll(TopHead.lines(picture.get()));
            table(lines, picture.get(), size);
        }
        while (lines.size() < size.rows() - 1) {
            lines.add(new Line());
        }
        List<Line> fitting = new ArrayList<>(lines.subList(0, Math.max(0, Math.min(lines.size(), size.rows() - 1))));
        fitting.add(foot());
        return fitting;
    }

    private void table(List<Line> lines, TopPicture now, Stty.Size size) {
        // On a terminal with few rows what is selected counts more than the figures above.
        while (lines.size() > 2 && lines.size() > size.rows() - 4) {
            lines.removeLast();
        }
        TopTable table = new TopTable(now, sort, size.columns());
        lines.add(table.head());
        List<TopTable.Entry> entries = table.entries(selected);
        int left = Math.max(1, size.rows() - 1 - lines.size());
        for (int at = 0; at < entries.size(); at++) {
            if (entries.get(at).first() && entries.get(at).key().equals(selected)) {
                // Below the last worker are those that wait, which nothing else would lead to.
                boolean last = table.rows().getLast().key().equals(selected);
                int least = last ? Math.min(at, entries.size() - left) : at - left + 1;
                offset = Math.clamp(offset, Math.max(0, least), at);
            }
        }
        scrolled(lines, entries.stream().map(TopTable.Entry::line).toList(), size);
    }

    private void scrolled(List<Line> lines, List<Line> all, Stty.Size size) {
        room = Math.max(1, size.rows() - 1 - lines.size());
        offset = Math.clamp(offset, 0, Math.max(0, all.size() - room));
        lines.addAll(all.subList(offset, Math.min(all.size(), offset + room)));
    }

    private Line foot() {
        if (mode == Mode.SURE) {
            String whose = application.isEmpty() ? "" : " of " + application;
            return Line.of(Style.STRONG, "Reload settings and code" + whose + "? y: yes, any other key: no")
                    .reverse();
        }
        if (!message.isEmpty()) {
            return Line.of(Style.STRONG, message).reverse();
        }
        if (mode == Mode.TEXT) {
            return Line.of("arrows scroll   s: the worker's stack now   any other key: back")
                    .reverse();
        }
        StringBuilder keys = new StringBuilder("? help  q quit  s stack  r reload  sort:");
        for (Sort one : Sort.values()) {
            keys.append(' ').append(one.key()).append(' ').append(one.word()).append(one == sort ? "*" : "");
        }
        return Line.of(keys.toString()).reverse();
    }
}
