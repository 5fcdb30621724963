package terpan.edge.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.http.TraceParent;

/**
 * The trace that one request after the other belongs to (W3C Trace Context): that of a proxy that is believed, as far as it is one, or a new
 * one. Nothing of an earlier request stays. Belongs to the loop's thread.
 */
public final class RequestTrace {
    private static final byte[] NONE = {};

    private final RequestIds ids;

    /** What the worker is told, once there was a trace. */
    private byte[] text = NONE;

    private boolean present;
    private boolean sampled;
    private long high;
    private long low;
    private long parent;
    private long request;
    private long worker;
    private String state = "";

    RequestTrace(RequestIds ids) {
        this.ids = ids;
    }

    /** Another request begins. */
    void reset() {
        present = false;
        sampled = false;
    }

    /** The head is whole: finds its trace, or makes one, and drops the fields that what the worker is told takes the place of. */
    public void begin(RequestHead head, boolean believed, TraceRules rules) {
        int field = believed && head.has(Field.TRACEPARENT) ? only(head) : -1;
        int flags;
        if (field >= 0) {
            int at = head.valueStart[field];
            high = TraceParent.number(head.bytes, at + TraceParent.TRACE_START);
            low = TraceParent.number(head.bytes, at + TraceParent.TRACE_START + 2 * Long.BYTES);
            parent = TraceParent.number(head.bytes, at + TraceParent.PARENT_START);
            flags = TraceParent.flags(head.bytes, at);
            state = state(head);
        } else {
            high = ids.random();
            low = ids.random();
            parent = 0;
            flags = rules.samples(low) ? TraceParent.SAMPLED : 0;
            state = "";
            drop(head, Field.TRACESTATE);
        }
        drop(head, Field.TRACEPARENT);
        present = true;
        sampled = (flags & TraceParent.SAMPLED) != 0;
        request = ids.random();
        worker = ids.random();
        text = text.length == 0 ? new byte[TraceParent.LENGTH] : text;
        TraceParent.write(text, high, low, worker, flags);
    }

    /** The one good traceparent; -1: none is good, or there are several. */
    private static int only(RequestHead head) {
        int found = -1;
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == Field.TRACEPARENT) {
                if (found >= 0 || !TraceParent.isGood(head.bytes, head.valueStart[i], head.valueEnd[i])) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
    }

    /** All of tracestate; one that is not good, or too long, is dropped, for half of it would say something else. */
    private static String state(RequestHead head) {
        if (!head.has(Field.TRACESTATE)) {
            return "";
        }
        StringBuilder whole = new StringBuilder();
        int members = 0;
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] != Field.TRACESTATE) {
                continue;
            }
            int its = TraceParent.stateMembers(head.bytes, head.valueStart[i], head.valueEnd[i]);
            members += its;
            String text = new String(head.bytes, head.valueStart[i], head.valueEnd[i] - head.valueStart[i], ISO_8859_1);
            whole.append(whole.isEmpty() || text.isEmpty() ? "" : ", ").append(text);
            if (its < 0 || !TraceParent.isWhole(members, whole.length())) {
                drop(head, Field.TRACESTATE);
                return "";
            }
        }
        return whole.toString();
    }

    private static void drop(RequestHead head, byte field) {
        if (!head.has(field)) {
            return;
        }
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == field) {
                head.field[i] = Field.DROPPED;
            }
        }
    }

    /** Whether the request has a trace. */
    public boolean isPresent() {
        return present;
    }

    /** Whether the trace is told of. */
    public boolean isSampled() {
        return sampled;
    }

    /** What the worker is told; empty: the request has no trace. Good until the next request. */
    public byte[] told() {
        return present ? text : NONE;
    }

    /** The trace's id as text; empty: the request has none. */
    public String text() {
        return present
                ? new String(text, TraceParent.TRACE_START, TraceParent.TRACE_END - TraceParent.TRACE_START, US_ASCII)
                : "";
    }

    /** The first half of the trace's id. */
    public long high() {
        return high;
    }

    /** The second half. */
    public long low() {
        return low;
    }

    /** What caused the request, in the trace of a believed proxy; 0: the trace begins here. */
    public long parent() {
        return parent;
    }

    /** The id of the whole request in the trace. */
    public long request() {
        return request;
    }

    /** The id of its part that is with a worker. */
    public long worker() {
        return worker;
    }

    /** What others keep beside the trace; mostly empty. */
    public String state() {
        return state;
    }
}
