package terpan.edge.files;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.coding.AcceptedCodings;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.HttpDate;
import terpan.http.Method;
import terpan.http.RequestHead;

/**
 * What a request says of the file that it wants: conditions (RFC 9110, section 13), ranges (section 14) and codings (section 12.5.3). Reads the
 * head where it lies, which has to stay there.
 */
public final class FileQuery {
    /** What conditions come to. */
    public enum Verdict {
        GO_ON,
        NOT_MODIFIED,
        /** 412. */
        FAILED
    }

    private static final int IF_MATCH = 0;
    private static final int IF_NONE_MATCH = 1;
    private static final int IF_MODIFIED_SINCE = 2;
    private static final int IF_UNMODIFIED_SINCE = 3;
    private static final int IF_RANGE = 4;
    private static final int RANGE = 5;
    private static final byte[][] NAMES = {
        "if-match".getBytes(US_ASCII),
        "if-none-match".getBytes(US_ASCII),
        "if-modified-since".getBytes(US_ASCII),
        "if-unmodified-since".getBytes(US_ASCII),
        "if-range".getBytes(US_ASCII),
        "range".getBytes(US_ASCII)
    };

    private final RequestHead head;

    /** For each field of each line: which of the names it is; only where any is. */
    private final byte[] which;

    private final int[] counts = new int[NAMES.length];

    public FileQuery(RequestHead head) {
        this.head = head;
        this.which = new byte[head.fieldCount];
        for (int i = 0; i < head.fieldCount; i++) {
            which[i] = -1;
            if (head.field[i] == Field.OTHER) {
                for (byte name = 0; name < NAMES.length; name++) {
                    if (Ascii.equalsLowered(head.bytes, head.nameStart[i], head.nameEnd[i], NAMES[name])) {
                        which[i] = name;
                        counts[name]++;
                    }
                }
            }
        }
    }

    private boolean isGet() {
        return head.method == Method.GET || head.method == Method.HEAD;
    }

    /**
     * Judges the conditions, in the order of RFC 9110, section 13.2.2.
     *
     * @param tag what the file's content is called by now; null: by nothing
     * @param modified when it was modified last, seconds since 1970; -1: nobody knows
     */
    public Verdict verdict(@Nullable EntityTag tag, long modified) {
        if (counts[IF_MATCH] > 0) {
            if (!names(IF_MATCH, tag, true)) {
                return Verdict.FAILED;
            }
        } else if (counts[IF_UNMODIFIED_SINCE] == 1) {
            long date = date(IF_UNMODIFIED_SINCE);
            if (date >= 0 && modified > date) {
                return Verdict.FAILED;
            }
        }
        if (counts[IF_NONE_MATCH] > 0) {
            if (names(IF_NONE_MATCH, tag, false)) {
                return isGet() ? Verdict.NOT_MODIFIED : Verdict.FAILED;
            }
        } else if (isGet() && counts[IF_MODIFIED_SINCE] == 1 && modified >= 0 && modified <= date(IF_MODIFIED_SINCE)) {
            return Verdict.NOT_MODIFIED;
        }
        return Verdict.GO_ON;
    }

    private boolean names(int name, @Nullable EntityTag tag, boolean strongly) {
        for (int i = 0; i < which.length; i++) {
            if (which[i] == name) {
                int from = head.valueStart[i];
                int to = head.valueEnd[i];
                boolean any = to - from == 1 && head.bytes[from] == '*';
                if (any || (tag != null && tag.isIn(head.bytes, from, to, strongly))) {
                    return true;
                }
            }
        }
        return false;
    }

    private int line(int name) {
        int i = 0;
        while (which[i] != name) {
            i++;
        }
        return i;
    }

    private long date(int name) {
        int i = line(name);
        return HttpDate.read(head.bytes, head.valueStart[i], head.valueEnd[i]);
    }

    /**
     * The ranges that are wanted of a file, if any are and If-Range lets them.
     *
     * @param size the file's
     * @param strongDate whether the date alone tells one content from another
     */
    public ByteRanges ranges(@Nullable EntityTag tag, long modified, boolean strongDate, long size) {
        if (head.method != Method.GET || counts[RANGE] != 1 || counts[IF_RANGE] > 1) {
            return ByteRanges.WHOLE;
        }
        if (counts[IF_RANGE] == 1 && !rangeIsOfThis(tag, modified, strongDate)) {
            return ByteRanges.WHOLE;
        }
        int i = line(RANGE);
        return ByteRanges.read(head.bytes, head.valueStart[i], head.valueEnd[i], size);
    }

    private boolean rangeIsOfThis(@Nullable EntityTag tag, long modified, boolean strongDate) {
        int i = line(IF_RANGE);
        int from = head.valueStart[i];
        int to = head.valueEnd[i];
        if (from < to && (head.bytes[from] == '"' || head.bytes[from] == 'W')) {
            EntityTag asked = EntityTag.read(head.bytes, from, to);
            if (asked != null) {
                return tag != null && tag.is(head.bytes, from, to, true);
            }
        }
        return strongDate && modified >= 0 && HttpDate.read(head.bytes, from, to) == modified;
    }

    /**
     * Which of the codings there are is best for the client: what it weighs most, and of several the smallest.
     *
     * @param there the first is the file as it is
     */
    public Representation choose(List<Representation> there) {
        Representation best = there.getFirst();
        if (there.size() == 1 || !head.has(Field.ACCEPT_ENCODING)) {
            return best;
        }
        int bestWeight = weight(best);
        for (Representation one : there.subList(1, there.size())) {
            int weight = weight(one);
            if (weight > bestWeight || (weight > 0 && weight == bestWeight && one.size() < best.size())) {
                best = one;
                bestWeight = weight;
            }
        }
        return best;
    }

    /** In halves of thousandths; 0: not to be sent. What is not coded may be sent unless something else is said of it, but is not preferred. */
    private int weight(Representation one) {
        boolean coded = one.isCoded();
        int own = AcceptedCodings.weight(head, one.codingName());
        if (own != AcceptedCodings.UNSAID) {
            return own * 2 + (own > 0 && coded ? 1 : 0); // of the same weight what is coded goes first
        }
        int any = AcceptedCodings.anyWeight(head);
        if (!coded) {
            return any == 0 ? 0 : 1;
        }
        return any > 0 ? any * 2 + 1 : 0;
    }
}
