package terpan.link;

import terpan.http.Field;
import terpan.http.RequestHead;
import terpan.http.ResponseHead;

/**
 * One request on its way to a worker and its answer on the way back, as a link sees it; the edge's exchange implements it.
 * All calls on it come on the loop that forwarded it. The order of the answer's calls is {@code answerInformational*, answerStart, answerField*} or
 * {@code answerFields, answerHeadEnd, answerBody*, answerEnd}, or {@link #answerTunnel} after the fields; {@link #failed} ends it at any point, {@link #returned} before the first.
 */
public interface Call {
    /** The request's head; stable until the call has ended. */
    RequestHead head();

    /** Who the client is. */
    Origin origin();

    /** The request's body; empty for a request without one. */
    BodySource body();

    /** The path below which it is, where its worker does not know; else empty. Not to be changed. */
    default byte[] script() {
        return Origin.NOTHING;
    }

    /** What its worker is told in traceparent, in the place of what came; empty: nothing, what came goes on. Good until the call has ended. */
    default byte[] traceparent() {
        return Origin.NOTHING;
    }

    /** Whether it asks its worker to switch to WebSocket: {@link #answerTunnel} may come in the place of {@link #answerHeadEnd}. */
    default boolean tunnels() {
        return false;
    }

    /** The worker has switched: the answer's fields were told, and bytes pass both ways from now on. The link is done with this call. */
    default void answerTunnel(TunnelEnd worker) {
        worker.close();
    }

    /** For the link alone: its own state for this call. */
    @org.jspecify.annotations.Nullable
    Object linkState();

    void linkState(@org.jspecify.annotations.Nullable Object state);

    /** The worker has said something before its answer, with a status from 102 to 199 but for 101: 103 (Early Hints) mostly (RFC 8297). */
    default void answerInformational(ResponseHead head) {}

    /** The answer begins. The reason may be empty. */
    void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd);

    /**
     * One field of the answer. The edge checks every byte, drops hop-by-hop fields and those about framing.
     *
     * @return false when the field is not acceptable: the link then calls {@link #failed} with {@link Failure#NONSENSE}
     */
    boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);

    /**
     * All fields of an answer at once, as a parser has checked them byte by byte.
     *
     * @return false when one of them is not acceptable, as for {@link #answerField}
     */
    default boolean answerFields(ResponseHead head) {
        for (int i = 0; i < head.fieldCount; i++) {
            boolean passed = Field.hopByHop(head.field[i])
                    || answerField(
                            head.bytes, head.nameStart[i], head.nameEnd[i], head.valueStart[i], head.valueEnd[i]);
            if (!passed) {
                return false;
            }
        }
        return true;
    }

    /**
     * The head is complete.
     *
     * @param length bytes of body that follow (for HEAD: that would); -1 when only {@link #answerEnd} will tell
     */
    void answerHeadEnd(long length);

    /** A piece of the body; the bytes are the link's again when this returns. */
    void answerBody(byte[] bytes, int start, int end);

    /** Whether the link should go on reading; false: {@link Link#resume} will be called. */
    boolean wantsMore();

    /** Whether its body may be a file's piece; if not, the worker is asked for the bytes. Before the head is complete: whether that is sure. */
    default boolean takesFiles() {
        return true;
    }

    /** A regular file's piece of the body, opened by the link; the call closes it. */
    void answerFile(java.nio.channels.FileChannel file, long position, long length);

    /**
     * The answer is complete. The link is done with this call.
     *
     * @param service how long the handler took, as the worker has it, nanoseconds; 0 where that is not known
     */
    void answerEnd(long service);

    /** It went wrong. The link is done with this call. */
    void failed(Failure failure, String detail);

    /** The worker gave it back unstarted. The link is done with this call. */
    void returned();
}
