package terpan.terminal;

import java.util.Optional;

/** Makes keys of the bytes that a terminal sends (ECMA-48, as xterm does); what it does not know is dropped. For one thread. */
final class Keys {
    private static final int ESCAPE = 0x1b;
    private static final int SEQUENCE_MOST = 16;

    /** What came of a sequence so far, its first byte ESC; empty: none is open. */
    private final StringBuilder sequence = new StringBuilder();

    /** Whether what came may be a key, or the beginning of one. */
    boolean isOpen() {
        return !sequence.isEmpty();
    }

    /** Nothing more has come for a while: an ESC alone is the key itself. */
    Optional<Key> pause() {
        boolean alone = sequence.length() == 1;
        sequence.setLength(0);
        return alone ? Optional.of(Key.of(Key.Kind.ESCAPE)) : Optional.empty();
    }

    /** The next byte; empty: that is no key yet, or none that is known. */
    Optional<Key> take(int code) {
        if (code == ESCAPE) {
            sequence.setLength(0);
            sequence.append((char) code);
            return Optional.empty();
        }
        if (isOpen()) {
            return inSequence((char) code);
        }
        if (code == '\r' || code == '\n') {
            return Optional.of(Key.of(Key.Kind.ENTER));
        }
        return code >= ' ' && code < 0x7f ? Optional.of(Key.letter((char) code)) : Optional.empty();
    }

    private Optional<Key> inSequence(char code) {
        sequence.append(code);
        boolean introduced = sequence.length() == 2 && (code == '[' || code == 'O');
        boolean parameter = sequence.length() > 2 && code >= 0x20 && code < 0x40;
        if (introduced || (parameter && sequence.length() < SEQUENCE_MOST)) {
            return Optional.empty();
        }
        String whole = sequence.substring(1);
        sequence.setLength(0);
        return switch (whole) {
            case "[A", "OA" -> Optional.of(Key.of(Key.Kind.UP));
            case "[B", "OB" -> Optional.of(Key.of(Key.Kind.DOWN));
            case "[5~" -> Optional.of(Key.of(Key.Kind.PAGE_UP));
            case "[6~" -> Optional.of(Key.of(Key.Kind.PAGE_DOWN));
            case "[H", "OH", "[1~", "[7~" -> Optional.of(Key.of(Key.Kind.HOME));
            case "[F", "OF", "[4~", "[8~" -> Optional.of(Key.of(Key.Kind.END));
            default -> Optional.empty();
        };
    }
}
