package terpan.terminal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The rows of top: a worker with what each of its places does, one line for each request, and those that wait below. The route has what the other
 * columns leave; the less important of those go first where a terminal is narrow. Immutable.
 */
final class TopTable {
    private static final Duration SLOW = Duration.ofSeconds(2);
    private static final Duration STUCK = Duration.ofSeconds(10);
    private static final int NAME_MOST = 28;
    private static final int ROUTE_LEAST = 20;
    private static final int RANKS = 7;
    private static final int CLIENT_MOST = 39;
    private static final int PLACES_SHOWN = 16;
    private static final int WAITING_SHOWN = 10;
    private static final int GAP = 2;

    /** A column; the order is that on the screen. */
    private enum Column {
        WORKER(0, false, 0),
        STATE(8, false, 1),
        PLACES(7, true, 2),
        AGE(14, true, 0),
        ROUTE(0, false, 0),
        CLIENT(0, false, 3),
        GEN(3, true, 6),
        REQUESTS(11, true, 5),
        RESTARTS(8, true, 7),
        MEMORY(9, true, 4);

        private final int cells;
        private final boolean right;

        /** The higher, the sooner it goes; 0: it stays. */
        private final int rank;

        Column(int cells, boolean right, int rank) {
            this.cells = cells;
            this.right = right;
            this.rank = rank;
        }
    }

    /**
     * A line of it.
     *
     * @param key of the row that it belongs to; empty: it cannot be selected
     * @param first whether it is that row's first
     */
    record Entry(String key, boolean first, Line line) {}

    private final TopPicture picture;
    private final Sort sort;
    private final List<TopPicture.Row> rows;
    private final Map<Column, Integer> widths = new EnumMap<>(Column.class);

    /**
     * Laid out.
     *
     * @param width of the terminal; {@link Integer#MAX_VALUE}: as wide as it needs
     */
    TopTable(TopPicture picture, Sort sort, int width) {
        this.picture = picture;
        this.sort = sort;
        this.rows = picture.rows().stream().sorted(sort.order()).toList();
        for (Column column : Column.values()) {
            widths.put(column, column.cells);
        }
        List<TopPicture.Request> requests = new ArrayList<>(picture.waiting());
        rows.forEach(row -> requests.addAll(row.requests()));
        int name = rows.stream()
                .mapToInt(row -> Cells.width(Cells.plain(row.name())))
                .max()
                .orElse(0);
        int client = requests.stream()
                .mapToInt(one -> Cells.width(Cells.plain(one.client())))
                .max()
                .orElse(0);
        int route = requests.stream()
                .mapToInt(one -> Cells.width(Cells.plain(one.route())))
                .max()
                .orElse(0);
        int why = rows.stream()
                .mapToInt(row -> Cells.width(Cells.plain(row.why())))
                .max()
                .orElse(0);
        widths.put(Column.WORKER, Math.min(NAME_MOST, Math.max(name, "WORKER*".length())));
        widths.put(Column.CLIENT, Math.min(CLIENT_MOST, Math.max(client, "CLIENT".length())));
        fit(width, Math.max(ROUTE_LEAST, Math.max(route, why)));
    }

    /** Leaves out what has no room, and gives the route the rest. */
    private void fit(int width, int wanted) {
        for (int rank = RANKS; rank > 0; rank--) {
            if (width - taken() < ROUTE_LEAST) {
                for (Column column : Column.values()) {
                    if (column.rank == rank) {
                        widths.put(column, 0);
                    }
                }
            }
        }
        widths.put(Column.ROUTE, Math.min(wanted, Math.max(1, width - taken())));
    }

    /** By all columns but the route's, with the gaps. */
    private int taken() {
        int taken = GAP;
        for (Column column : Column.values()) {
            int cells = widths.getOrDefault(column, 0);
            taken += column == Column.ROUTE ? GAP : cells == 0 ? 0 : cells + GAP;
        }
        return taken - GAP;
    }

    /** The rows in their order; a terminal's selection moves among them. */
    List<TopPicture.Row> rows() {
        return rows;
    }

    /** What stands above the columns; what is sorted by has a star. */
    Line head() {
        List<String> names = new ArrayList<>();
        for (Column column : Column.values()) {
            names.add(column.name() + (isSortedBy(column) ? "*" : ""));
        }
        return line(false, Style.PLAIN, Style.PLAIN, names.toArray(String[]::new))
                .reverse();
    }

    private boolean isSortedBy(Column column) {
        return switch (sort) {
            case NAME -> column == Column.WORKER;
            case AGE -> column == Column.AGE;
            case PLACES -> column == Column.PLACES;
            case MEMORY -> column == Column.MEMORY;
            case COUNT -> column == Column.REQUESTS;
        };
    }

    /** All lines below that. */
    List<Entry> entries(String selected) {
        List<Entry> entries = new ArrayList<>();
        for (TopPicture.Row row : rows) {
            boolean chosen = row.key().equals(selected);
            entries.add(new Entry(row.key(), true, first(row, chosen)));
            List<TopPicture.Request> more =
                    row.requests().stream().skip(1).limit(PLACES_SHOWN - 1).toList();
            more.forEach(one -> entries.add(new Entry(row.key(), false, request(one, Style.PLAIN, "", ""))));
            int hidden = row.requests().size() - 1 - more.size();
            if (hidden > 0) {
                entries.add(new Entry(row.key(), false, rest(hidden + " more")));
            }
        }
        picture.waiting().stream()
                .limit(WAITING_SHOWN)
                .forEach(one -> entries.add(new Entry("", false, request(one, Style.WARN, "queue", "waiting"))));
        long hidden = picture.queueLength()
                - Math.min(WAITING_SHOWN, picture.waiting().size());
        if (hidden > 0) {
            entries.add(new Entry("", false, rest(hidden + " more wait")));
        }
        return entries;
    }

    private Line first(TopPicture.Row row, boolean selected) {
        boolean idle = row.requests().isEmpty();
        TopPicture.Request oldest = idle ? null : row.requests().getFirst();
        Style state = switch (row.state()) {
            case "ready", "shared" -> Style.GOOD;
            case "exited", "ejected" -> Style.BAD;
            default -> Style.WARN;
        };
        String places = row.busy() < 0 ? "-" : row.busy() + "/" + row.capacity();
        Line line = line(
                selected,
                state,
                oldest == null ? Style.PLAIN : style(oldest.age()),
                row.name(),
                row.state(),
                places,
                oldest == null ? "" : marked(oldest.age()),
                oldest == null ? row.why() : oldest.route(),
                oldest == null ? "" : oldest.client(),
                row.isWorker() ? Long.toString(row.generation()) : "",
                Shown.number(row.settled()),
                Shown.number(row.restarts()),
                Shown.memory(row.memory()));
        return selected ? line.reverse() : line;
    }

    /** A row of a request's own: one beyond a worker's first, or one that waits. */
    private Line request(TopPicture.Request one, Style style, String name, String state) {
        return line(
                false,
                style,
                style(one.age()),
                name,
                state,
                "",
                marked(one.age()),
                one.route(),
                one.client(),
                "",
                "",
                "",
                "");
    }

    private Line rest(String what) {
        return line(false, Style.FAINT, Style.FAINT, "", "", "", "", what, "", "", "", "", "");
    }

    /** The word says what the colour says. */
    private static String marked(Duration age) {
        String word = age.compareTo(STUCK) >= 0 ? " stuck" : age.compareTo(SLOW) >= 0 ? " slow" : "";
        return Shown.age(age) + word;
    }

    private static Style style(Duration age) {
        return age.compareTo(STUCK) >= 0 ? Style.BAD : age.compareTo(SLOW) >= 0 ? Style.WARN : Style.PLAIN;
    }

    /** A line of cells in the columns' order. */
    private Line line(boolean selected, Style state, Style age, String... cells) {
        Line line = Line.of(selected ? "> " : "  ");
        Iterator<String> each = List.of(cells).iterator();
        for (Column column : Column.values()) {
            int width = widths.getOrDefault(column, 0);
            String cell = Cells.plain(each.next());
            if (width > 0) {
                Style style = column == Column.STATE ? state : column == Column.AGE ? age : Style.PLAIN;
                line.add(style, column.right ? Cells.right(cell, width) : Cells.left(cell, width));
                line.add(" ".repeat(GAP));
            }
        }
        return line;
    }
}
