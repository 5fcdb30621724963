package terpan.link.nativelink;

import org.jspecify.annotations.Nullable;
import terpan.link.Call;

/** A place in the table of calls: one id, the call that has it, and how far its body and answer are. Used again and again. */
final class NativeCall {
    /** Bytes of body that may be on the way without credit, either way. */
    static final int WINDOW = 256 * 1024;

    final int index;
    int id;
    boolean open;

    /** Whoever waits for the answer; null once nobody does, though the id stays taken until the worker ends it. */
    @Nullable
    Call call;

    /** Hears, after a cancel, that the worker has ended the id. */
    @Nullable
    Runnable ended;

    /** The answer has begun to reach the call. */
    boolean begun;

    /** The worker has sent its last of this id. */
    boolean settled;

    /** The answer has no body whatever its length says (HEAD, 204, 304). */
    boolean bodiless;

    /** Bytes of answer body that are still to come; -1 when unknown. */
    long remaining;

    /** Bytes of answer body that the worker may send. */
    int window;

    /** Bytes of answer body taken in that the worker has no new credit for. */
    int uncredited;

    /** Bytes of request body that may be sent. */
    int bodyCredit;

    /** The request's body follows in frames and is not sent whole. */
    boolean sending;

    /** In the list of those whose body goes out with the next flush. */
    boolean listed;

    /** A file of the answer is being opened. */
    boolean opening;

    /** How often something was said before the answer. */
    int hints;

    NativeCall(int index) {
        this.index = index;
    }

    void begin(Call call) {
        this.call = call;
        open = true;
        begun = false;
        settled = false;
        bodiless = false;
        remaining = -1;
        window = WINDOW;
        uncredited = 0;
        bodyCredit = WINDOW;
        sending = false;
        opening = false;
        hints = 0;
    }
}
