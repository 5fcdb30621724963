package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import terpan.config.RouteWord;
import terpan.http.RequestHead;
import terpan.metrics.LoopMetrics;
import terpan.metrics.RouteCells;

/**
 * The route of a request as the application's framework has it, which the worker's launcher tells in a field of the answer that no client sees
 * ({@code python/terpan_worker/routes.py}). What such a field says that no launcher of ours wrote, or that is longer or has other characters
 * than a route, is left out and counted. One for an exchange, used again.
 */
final class ToldRoute {
    /** Longest route, bytes. */
    static final int MOST = 200;

    private static final byte[] WORD = (RouteWord.TEXT + ' ').getBytes(US_ASCII);
    private static final byte[] NONE = new byte[0];

    /** Where it lies, as long as the answer's head is in hand. */
    private byte[] bytes = NONE;

    private int start;
    private int end;
    private int hash;
    private int refused;

    /** An answer begins. */
    void clear() {
        bytes = NONE;
        refused = 0;
    }

    /** The answer has a field with this value. */
    void read(byte[] from, int valueStart, int valueEnd) {
        int first = valueStart + WORD.length;
        boolean good = valueEnd > first
                && valueEnd - first <= MOST
                && Arrays.equals(from, valueStart, first, WORD, 0, WORD.length);
        int sum = 0;
        for (int i = first; good && i < valueEnd; i++) {
            good = from[i] > ' ' && from[i] < 0x7f;
            sum = 31 * sum + from[i];
        }
        if (good) {
            bytes = from;
            start = first;
            end = valueEnd;
            hash = sum;
        } else {
            refused++;
        }
    }

    /** The answer's head is whole: what the route's requests count in; null: none was told. */
    @Nullable
    RouteCells take(LoopMetrics metrics, RequestHead request) {
        RouteCells found = null;
        if (bytes != NONE) {
            int key = 31 * hash + request.method;
            found = metrics.toldRoutes.find(key);
            if (found == null) {
                String route = new String(bytes, start, end - start, US_ASCII);
                found = metrics.toldRoutes.add(key, Described.method(request) + ' ' + route);
            }
        }
        if (refused > 0) {
            metrics.routesRefused(refused);
        }
        clear();
        return found;
    }
}
