package terpan.link.nativelink;

import java.nio.channels.FileChannel;
import java.util.Arrays;
import terpan.http.ResponseHead;
import terpan.http.ResponseParser;
import terpan.link.Call;
import terpan.link.Failure;

/**
 * What a call heard on the home loop within one turn, written down so that it can be told on the client's loop: steps as
 * numbers, all bytes in one array. Written by the home loop until it leaves, read by the other after that.
 */
final class RelayedPiece {
    private static final int START = 0;
    private static final int FIELD = 1;
    private static final int HEAD_END = 2;
    private static final int BODY = 3;
    private static final int FILE = 4;
    private static final int END = 5;
    private static final int FAILED = 6;
    private static final int RETURNED = 7;
    private static final int INFORMATIONAL = 8;
    private static final int STEP = 5;

    private long[] steps = new long[8 * STEP];
    private int stepCount;
    private byte[] bytes = new byte[256];
    private int filled;
    private FileChannel[] files = new FileChannel[0];
    private Failure failure = Failure.BROKEN_OFF;
    private String detail = "";

    void informational(ResponseHead head) {
        step(INFORMATIONAL, copy(head.bytes, head.start, head.end), filled, 0, 0);
    }

    void start(int status, byte[] from, int reasonStart, int reasonEnd) {
        step(START, status, copy(from, reasonStart, reasonEnd), filled, 0);
    }

    void field(byte[] from, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int name = copy(from, nameStart, nameEnd);
        int value = copy(from, valueStart, valueEnd);
        step(FIELD, name, value, value, filled);
    }

    void headEnd(long length) {
        step(HEAD_END, length, 0, 0, 0);
    }

    void body(byte[] from, int start, int end) {
        step(BODY, copy(from, start, end), filled, 0, 0);
    }

    void file(FileChannel file, long position, long length) {
        files = Arrays.copyOf(files, files.length + 1);
        files[files.length - 1] = file;
        step(FILE, files.length - 1, position, length, 0);
    }

    void end(long service) {
        step(END, service, 0, 0, 0);
    }

    void failed(Failure what, String why) {
        failure = what;
        detail = why;
        step(FAILED, 0, 0, 0, 0);
    }

    void returned() {
        step(RETURNED, 0, 0, 0, 0);
    }

    /** Tells it all, as far as somebody listens. */
    void tell(RelayedLink link, RelayedCall relayed) {
        for (int i = 0; i < stepCount; i++) {
            int at = i * STEP;
            Call call = relayed.waiting;
            if (call != null) {
                tell(link, relayed, call, at);
            } else if (steps[at] == FILE) {
                RelayedLink.close(files[(int) steps[at + 1]]);
            }
        }
    }

    private void tell(RelayedLink link, RelayedCall relayed, Call call, int at) {
        long first = steps[at + 1];
        int second = (int) steps[at + 2];
        int third = (int) steps[at + 3];
        switch ((int) steps[at]) {
            case START -> {
                relayed.begun = true;
                call.answerStart((int) first, bytes, second, third);
            }
            case FIELD -> {
                if (!call.answerField(bytes, (int) first, second, third, (int) steps[at + 4])) {
                    link.refuse(relayed, call);
                }
            }
            case INFORMATIONAL -> {
                ResponseHead head = new ResponseHead();
                if (new ResponseParser().parse(bytes, (int) first, second, head) != second) {
                    throw new IllegalStateException("a head that was whole is none");
                }
                call.answerInformational(head);
            }
            case HEAD_END -> call.answerHeadEnd(first);
            case BODY -> {
                call.answerBody(bytes, (int) first, second);
                link.delivered(relayed, second - (int) first);
            }
            case FILE -> call.answerFile(files[(int) first], steps[at + 2], steps[at + 3]);
            case END -> {
                link.forget(relayed, call);
                call.answerEnd(first);
            }
            case FAILED -> {
                link.forget(relayed, call);
                call.failed(failure, detail);
            }
            case RETURNED -> {
                link.forget(relayed, call);
                call.returned();
            }
            default -> throw new IllegalStateException("step " + steps[at]);
        }
    }

    private void step(int kind, long first, long second, long third, long fourth) {
        int at = stepCount++ * STEP;
        if (at + STEP > steps.length) {
            steps = Arrays.copyOf(steps, steps.length * 2);
        }
        steps[at] = kind;
        steps[at + 1] = first;
        steps[at + 2] = second;
        steps[at + 3] = third;
        steps[at + 4] = fourth;
    }

    /** Gives where the copy begins; it ends where the array is filled to. */
    private int copy(byte[] from, int start, int end) {
        int at = filled;
        filled += end - start;
        if (filled > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, filled));
        }
        System.arraycopy(from, start, bytes, at, end - start);
        return at;
    }
}
