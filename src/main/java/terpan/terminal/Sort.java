package terpan.terminal;

import java.util.Comparator;
import java.util.Locale;

/** By what rows are sorted, and with which key. */
enum Sort {
    /** As Terpan has them, by their names. */
    NAME('n'),
    /** Whose request is oldest comes first. */
    AGE('a'),
    /** Who holds most. */
    PLACES('p'),
    /** Who has most. */
    MEMORY('m'),
    /** Who has had most requests. */
    COUNT('c');

    private final char key;

    Sort(char key) {
        this.key = key;
    }

    char key() {
        return key;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Comparator<TopPicture.Row> order() {
        return switch (this) {
            case NAME -> Comparator.comparingInt(row -> 0);
            case AGE -> Comparator.comparing(TopPicture.Row::oldest).reversed();
            case PLACES -> Comparator.comparingLong(TopPicture.Row::busy).reversed();
            case MEMORY -> Comparator.comparingLong(TopPicture.Row::memory).reversed();
            case COUNT -> Comparator.comparingLong(TopPicture.Row::settled).reversed();
        };
    }
}
