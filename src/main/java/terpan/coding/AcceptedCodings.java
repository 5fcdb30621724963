package terpan.coding;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.RequestHead;

/** What a client says in Accept-Encoding (RFC 9110, section 12.5.3). Pure functions. */
public final class AcceptedCodings {
    private static final int WHOLE = 1_000;
    /** What {@link #weight} is where nothing is said. */
    public static final int UNSAID = -1;

    private static final byte[] IDENTITY = "identity".getBytes(US_ASCII);
    private static final byte[] ANY = {'*'};
    private static final byte[] GZIP = "gzip".getBytes(US_ASCII);
    private static final byte[] X_GZIP = "x-gzip".getBytes(US_ASCII);
    private static final byte[] BR = "br".getBytes(US_ASCII);
    private static final byte[] ZSTD = "zstd".getBytes(US_ASCII);

    private AcceptedCodings() {}

    /** The name of a coding as it stands in fields. Not to be changed. */
    public static byte[] name(Settings.Coding coding) {
        return switch (coding) {
            case GZIP -> GZIP;
            case BR -> BR;
            case ZSTD -> ZSTD;
        };
    }

    /** Which of these codings the client likes best, the first of those that it likes alike; null: none, or rather none. */
    public static Settings.@Nullable Coding best(RequestHead head, List<Settings.Coding> codings) {
        if (!head.has(Field.ACCEPT_ENCODING)) {
            return null;
        }
        Settings.Coding best = null;
        int most = 0;
        for (Settings.Coding coding : codings) {
            int weight = weight(head, name(coding));
            if (weight == UNSAID) {
                weight = anyWeight(head);
            }
            if (weight > most && Encoders.has(coding)) {
                most = weight;
                best = coding;
            }
        }
        return best != null && weight(head, IDENTITY) > most ? null : best;
    }

    /** How much a client likes the coding of this name, in thousandths, gzip by its old name too; {@link #UNSAID}: it does not say. */
    public static int weight(RequestHead head, byte[] name) {
        int weight = said(head, name);
        return weight == UNSAID && Arrays.equals(name, GZIP) ? said(head, X_GZIP) : weight;
    }

    /** The same of those that it does not name. */
    public static int anyWeight(RequestHead head) {
        return said(head, ANY);
    }

    private static int said(RequestHead head, byte[] name) {
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == Field.ACCEPT_ENCODING) {
                int weight = weight(head.bytes, head.valueStart[i], head.valueEnd[i], name);
                if (weight != UNSAID) {
                    return weight;
                }
            }
        }
        return UNSAID;
    }

    private static int weight(byte[] bytes, int from, int to, byte[] name) {
        int at = from;
        while (at < to) {
            int end = at;
            while (end < to && bytes[end] != ',') {
                end++;
            }
            int start = skipBlanks(bytes, at, end);
            int stop = start;
            while (stop < end && bytes[stop] != ';' && !Ascii.isSpace(bytes[stop])) {
                stop++;
            }
            if (Ascii.equalsLowered(bytes, start, stop, name)) {
                return quality(bytes, stop, end);
            }
            at = end + 1;
        }
        return UNSAID;
    }

    /** The weight behind a name; what is no weight is none, so that nobody gets what they can not read. */
    private static int quality(byte[] bytes, int from, int to) {
        int semicolon = skipBlanks(bytes, from, to);
        if (semicolon == to) {
            return WHOLE;
        }
        int at = skipBlanks(bytes, semicolon + 1, to);
        boolean said = bytes[semicolon] == ';' && to - at >= 3 && Ascii.lower(bytes[at]) == 'q' && bytes[at + 1] == '=';
        return said ? thousandths(bytes, at + 2, to) : 0;
    }

    private static int thousandths(byte[] bytes, int from, int to) {
        int digit = bytes[from] - '0';
        if (digit != 0 && digit != 1) {
            return 0;
        }
        int weight = digit * WHOLE;
        int at = from + 1;
        if (at < to && bytes[at] == '.') {
            at++;
            for (int unit = WHOLE / 10; unit > 0 && at < to && bytes[at] >= '0' && bytes[at] <= '9'; unit /= 10) {
                weight += unit * (bytes[at++] - '0');
            }
        }
        boolean whole = skipBlanks(bytes, at, to) == to;
        return whole && weight <= WHOLE ? weight : 0;
    }

    private static int skipBlanks(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }
}
