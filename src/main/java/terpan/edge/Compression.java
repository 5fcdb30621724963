package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.http.Ascii;

/** Which answers are compressed, in the form in which answers are looked at. Immutable. */
final class Compression {
    /** It lasts as long as its client, and says little: only where it is named itself. */
    private static final byte[] EVENT_STREAM = "text/event-stream".getBytes(US_ASCII);

    private static final byte[][] NONE = {};

    final Settings.Compression settings;
    private final byte[][] types;

    /** Beginnings with their slash. */
    private final byte[][] kinds;

    private Compression(Settings.Compression settings) {
        this.settings = settings;
        List<byte[]> whole = new ArrayList<>();
        List<byte[]> begin = new ArrayList<>();
        for (String type : settings.types()) {
            boolean kind = type.endsWith("/*");
            (kind ? begin : whole)
                    .add(type.substring(0, type.length() - (kind ? 1 : 0)).getBytes(US_ASCII));
        }
        types = whole.toArray(byte[][]::new);
        kinds = begin.toArray(byte[][]::new);
    }

    /** Null where no answer is. */
    static @Nullable Compression of(Settings.Compression settings) {
        return settings.codings().isEmpty() ? null : new Compression(settings);
    }

    /** Whether bodies of this Content-Type are. */
    boolean takes(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != ';' && !Ascii.isSpace(bytes[end])) {
            end++;
        }
        for (byte[] type : types) {
            if (Ascii.equalsLowered(bytes, from, end, type)) {
                return true;
            }
        }
        boolean lasts = Ascii.equalsLowered(bytes, from, end, EVENT_STREAM);
        for (byte[] kind : lasts ? NONE : kinds) {
            if (end - from > kind.length && Ascii.equalsLowered(bytes, from, from + kind.length, kind)) {
                return true;
            }
        }
        return false;
    }
}
