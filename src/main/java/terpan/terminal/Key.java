package terpan.terminal;

/**
 * A key that was pressed.
 *
 * @param letter of {@link Kind#LETTER}; else 0
 */
record Key(Kind kind, char letter) {
    /** Which key it is. */
    enum Kind {
        LETTER,
        ENTER,
        ESCAPE,
        UP,
        DOWN,
        PAGE_UP,
        PAGE_DOWN,
        HOME,
        END
    }

    static Key of(Kind kind) {
        return new Key(kind, (char) 0);
    }

    static Key letter(char letter) {
        return new Key(Kind.LETTER, letter);
    }

    boolean is(char wanted) {
        return kind == Kind.LETTER && letter == wanted;
    }
}
