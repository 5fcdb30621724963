package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.http.RequestHead;

/**
 * Shapes of paths as a person has given them: a star stands for one segment that is not empty, two stars at the end for all that follows. The
 * path is looked at as it was sent, without the query; the first that fits counts. Immutable; finding allocates nothing.
 */
final class OwnShapes {
    /** No shape fits. */
    static final int NONE = -1;

    private final byte[][] shapes;
    private final List<String> texts;
    private final int[] hashes;

    private OwnShapes(List<String> texts) {
        this.texts = List.copyOf(texts);
        this.shapes = texts.stream().map(text -> text.getBytes(US_ASCII)).toArray(byte[][]::new);
        this.hashes = Arrays.stream(shapes).mapToInt(Arrays::hashCode).toArray();
    }

    /** Null: there are none. */
    static @Nullable OwnShapes of(List<String> texts) {
        return texts.isEmpty() ? null : new OwnShapes(texts);
    }

    /** The number of the one that fits the path; {@link #NONE}. */
    int find(RequestHead head) {
        for (int i = 0; i < shapes.length; i++) {
            if (fits(shapes[i], head.bytes, head.pathStart, head.pathEnd)) {
                return i;
            }
        }
        return NONE;
    }

    /** As a person wrote it. */
    String text(int shape) {
        return texts.get(shape);
    }

    /** A hash of method and shape, the same for requests of both. */
    int hash(int shape, int method) {
        return 31 * hashes[shape] + method;
    }

    private static boolean fits(byte[] shape, byte[] bytes, int from, int to) {
        int at = from;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] != '*') {
                if (at == to || bytes[at++] != shape[i]) {
                    return false;
                }
                continue;
            }
            if (i + 1 < shape.length && shape[i + 1] == '*') {
                return true;
            }
            int segment = at;
            while (at < to && bytes[at] != '/') {
                at++;
            }
            if (at == segment) {
                return false;
            }
        }
        return at == to;
    }
}
