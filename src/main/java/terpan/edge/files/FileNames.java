package terpan.edge.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.Optional;
import terpan.http.Ascii;

/**
 * Names of files as paths of requests give them: escapes are decoded once, and what could lead elsewhere, or is hidden, is no name. No state.
 */
final class FileNames {
    /** The longest name that file systems take, bytes. */
    private static final int LONGEST = 255;

    private FileNames() {}

    /**
     * The name below a directory, relative, as a range of a path says it; empty: the directory itself. A slash at the end is kept.
     *
     * @return empty where it can be no file's name
     */
    static Optional<String> decoded(byte[] bytes, int from, int to) {
        byte[] name = new byte[to - from];
        int end = 0;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b == '%') {
                int high = i + 2 < to ? Ascii.hexValue(bytes[i + 1]) : -1;
                int low = i + 2 < to ? Ascii.hexValue(bytes[i + 2]) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                b = (byte) (high << 4 | low);
                i += 2;
            }
            name[end++] = b;
        }
        return checked(name, end);
    }

    /** The same of bytes without escapes. */
    static Optional<String> plain(byte[] bytes, int from, int to) {
        byte[] name = new byte[to - from];
        System.arraycopy(bytes, from, name, 0, name.length);
        return checked(name, name.length);
    }

    private static Optional<String> checked(byte[] name, int end) {
        int part = 0;
        boolean ascii = true;
        for (int i = 0; i <= end; i++) {
            if (i < end && name[i] != '/') {
                if ((name[i] >= 0 && name[i] < ' ') || name[i] == 0x7f || name[i] == '\\') {
                    return Optional.empty();
                }
                ascii &= name[i] >= 0;
                continue;
            }
            boolean nothing = i == part;
            if ((nothing && i < end) || i - part > LONGEST || (!nothing && name[part] == '.')) {
                return Optional.empty();
            }
            part = i + 1;
        }
        return Optional.of(ascii ? new String(name, 0, end, UTF_8) : text(name, end))
                .filter(text -> end == 0 || !text.isEmpty());
    }

    /** Strictly UTF-8: of two ways to write a name one is none. Empty where it is not. */
    private static String text(byte[] name, int end) {
        try {
            return UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(name, 0, end))
                    .toString();
        } catch (CharacterCodingException other) {
            return "";
        }
    }

    /** Whether a part of a path on disk is hidden. */
    static boolean isHidden(String part) {
        return part.startsWith(".");
    }
}
