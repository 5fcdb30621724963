package terpan.link.nativelink;

import terpan.http.ResponseHead;
import terpan.http.ResponseParser;
import terpan.link.Call;
import terpan.link.Failure;

/**
 * Takes the worker's frames and gives the answers to their calls. A call may cancel, or forward another, from within any of its
 * methods, so after each one the entry is looked at again. Belongs to the loop's thread.
 */
final class NativeAnswers {
    /** Credit is given in pieces of this at least. */
    private static final int CREDIT_LEAST = NativeCall.WINDOW / 4;

    private static final int HEAD_FIXED = 5;
    private static final long NANOS_A_MICROSECOND = 1000;

    private static final int EARLY_HINTS = 103;

    /** Most of one answer. */
    private static final int HINTS_MOST = 16;

    private final ResponseParser parser = new ResponseParser();
    private final NativeFiles files;
    private final NativeConnection connection;
    private final NativeCalls calls;
    private final NativeOutput output;
    private final NativeInput input;
    private final MarshalReader reader = new MarshalReader();
    private final NativeAnswer answer = new NativeAnswer();

    /** Of each answer of the batch in hand, nanoseconds; 0 where it is not known. */
    private long service;

    NativeAnswers(
            NativeSetup setup, NativeConnection connection, NativeCalls calls, NativeOutput output, NativeInput input) {
        this.files = new NativeFiles(setup, connection, calls, output, input);
        this.connection = connection;
        this.calls = calls;
        this.output = output;
        this.input = input;
    }

    /** Takes the frame that the input stands at. */
    void frame() throws MarshalException {
        switch (input.kind) {
            case NativeInput.BATCH -> batch();
            case NativeInput.HEAD -> head();
            case NativeInput.CHUNK -> chunk();
            case NativeInput.END -> end();
            case NativeInput.ABORT -> abort();
            case NativeInput.RETURNED -> returned();
            case NativeInput.BODY_CREDIT -> bodyCredit();
            case NativeInput.FILE -> files.named(named());
            case NativeInput.HINTS -> hints();
            default -> throw new MarshalException("a frame of unknown kind " + input.kind);
        }
    }

    private void batch() throws MarshalException {
        reader.over(input.bytes, input.start, input.end);
        int count = reader.list();
        service = count == 0 ? 0 : Math.max(0, reader.integer()) * NANOS_A_MICROSECOND;
        for (int i = 1; i < count && !connection.isOver(); i++) {
            int items = reader.tuple(4, 5);
            NativeCall entry = calls.find(reader.integer());
            answer.read(reader, input.bytes);
            reader.binary();
            int bodyStart = reader.spanStart;
            int bodyEnd = reader.spanEnd;
            if (items == 5) {
                answer.readOwn(reader);
            }
            if (entry.begun || entry.opening) {
                throw new MarshalException("a second answer for id " + entry.id);
            }
            entry.settled = true;
            whole(entry, bodyStart, bodyEnd);
        }
        if (!connection.isOver()) {
            reader.finish();
        }
        forget();
    }

    /** Holds nothing of the input, which may have been a large one. */
    private void forget() {
        reader.forget();
        answer.forget();
    }

    /** Gives a whole answer. The place is free for others before the call hears of the end, and not touched after. */
    private void whole(NativeCall entry, int bodyStart, int bodyEnd) {
        Call call = entry.call;
        boolean started = call != null && start(entry, call, bodyEnd - bodyStart);
        if (started && call != null && bodyEnd > bodyStart && !entry.bodiless) {
            call.answerBody(input.bytes, bodyStart, bodyEnd);
        }
        boolean wanted = started && entry.call != null;
        calls.release(entry);
        if (wanted && call != null) {
            call.linkState(null);
            call.answerEnd(service);
        }
    }

    /** Gives the answer's head. False when the call is done with. */
    private boolean start(NativeCall entry, Call call, long length) {
        if (!answer.fault.isEmpty()) {
            refuse(entry, call, Failure.NONSENSE, answer.fault);
            return false;
        }
        entry.bodiless = ResponseParser.bodyless(call.head().method, answer.status);
        long told = entry.bodiless ? answer.ownLength() : length;
        entry.remaining = entry.bodiless ? -1 : length;
        entry.begun = true;
        call.answerStart(answer.status, answer.bytes, answer.reasonStart, answer.reasonEnd);
        int[] spans = answer.spans;
        for (int i = 0; i < 4 * answer.fieldCount; i += 4) {
            if (entry.call == null) {
                return false;
            }
            if (!call.answerField(answer.bytes, spans[i], spans[i + 1], spans[i + 2], spans[i + 3])) {
                refuse(entry, call, Failure.NONSENSE, "a field of the answer is not acceptable");
                return false;
            }
        }
        if (entry.call != null) {
            call.answerHeadEnd(told);
        }
        return entry.call != null;
    }

    /** Ends the call with a failure; the worker is told, unless it is done with the id. */
    private void refuse(NativeCall entry, Call call, Failure failure, String detail) {
        if (entry.call == null) {
            return;
        }
        entry.call = null;
        call.linkState(null);
        connection.forget(entry);
        call.failed(failure, detail);
    }

    private void head() throws MarshalException {
        input.requireLeast(HEAD_FIXED);
        NativeCall entry = named();
        reader.over(input.bytes, input.start + HEAD_FIXED, input.end);
        int items = reader.tuple(3, 4);
        answer.read(reader, input.bytes);
        long length = reader.integer();
        if (items == 4) {
            answer.readOwn(reader);
        }
        reader.finish();
        if (entry.begun || length < -1) {
            throw new MarshalException("a second head, or a length of " + length + ", for id " + entry.id);
        }
        Call call = entry.call;
        if (call != null) {
            start(entry, call, length);
        }
        forget();
    }

    /** A head as HTTP has it, which passes on whatever the front passes on of such. */
    private void hints() throws MarshalException {
        input.requireLeast(4);
        NativeCall entry = named();
        if (entry.begun || entry.settled || ++entry.hints > HINTS_MOST) {
            throw new MarshalException("hints behind the answer of id " + entry.id + ", or more than " + HINTS_MOST);
        }
        Call call = entry.call;
        if (call == null) {
            return;
        }
        ResponseHead head = new ResponseHead();
        if (parser.parse(input.bytes, input.start + 4, input.end, head) != input.end || head.status != EARLY_HINTS) {
            throw new MarshalException("hints of id " + entry.id + " that are no head with status " + EARLY_HINTS);
        }
        call.answerInformational(head);
    }

    private void chunk() throws MarshalException {
        input.requireLeast(4);
        NativeCall entry = named();
        int start = input.start + 4;
        int length = input.end - start;
        Call call = entry.call;
        entry.window -= length;
        if (length > NativeOutput.CHUNK || entry.window < 0) {
            throw new MarshalException("a chunk of " + length + " bytes beyond the credit of id " + entry.id);
        }
        if (call == null) {
            return;
        }
        if (!entry.begun) {
            throw new MarshalException("a chunk before the head of id " + entry.id);
        }
        if (!entry.bodiless) {
            if (entry.remaining >= 0 && length > entry.remaining) {
                refuse(entry, call, Failure.BROKEN_OFF, "the answer is longer than its head says");
                return;
            }
            entry.remaining -= entry.remaining >= 0 ? length : 0;
            call.answerBody(input.bytes, start, input.end);
        }
        entry.uncredited += length;
        if (entry.call != null) {
            credit(entry, call);
        }
    }

    /** Gives the worker credit for what was taken in, once it is worth a frame and the call wants more. */
    void credit(NativeCall entry, Call call) {
        if (entry.uncredited >= CREDIT_LEAST && call.wantsMore()) {
            entry.window += entry.uncredited;
            output.credit(entry.id, entry.uncredited);
            entry.uncredited = 0;
            connection.askFlush();
        }
    }

    private void end() throws MarshalException {
        input.require(4);
        NativeCall entry = named();
        Call call = entry.call;
        if (entry.opening || (call != null && !entry.begun)) {
            throw new MarshalException("an end before the answer of id " + entry.id);
        }
        entry.settled = true;
        calls.release(entry);
        if (call != null) {
            call.linkState(null);
            if (entry.remaining > 0) {
                call.failed(
                        Failure.BROKEN_OFF, "the answer is " + entry.remaining + " bytes shorter than its head says");
            } else {
                call.answerEnd(0);
            }
        }
    }

    private void abort() throws MarshalException {
        input.require(4);
        NativeCall entry = named();
        Call call = entry.call;
        boolean begun = entry.begun;
        calls.release(entry);
        if (call != null) {
            call.linkState(null);
            call.failed(begun ? Failure.BROKEN_OFF : Failure.NONSENSE, "the application failed within its answer");
        }
    }

    private void returned() throws MarshalException {
        if ((input.end - input.start) % 4 != 0) {
            throw new MarshalException("ids that are not of four bytes each");
        }
        for (int at = input.start; at < input.end && !connection.isOver(); at += 4) {
            NativeCall entry = calls.find(input.intAt(at) & 0xffffffffL);
            Call call = entry.call;
            if (entry.begun) {
                throw new MarshalException("id " + entry.id + " is returned after its answer began");
            }
            calls.release(entry);
            if (call != null) {
                call.linkState(null);
                call.returned();
            }
        }
    }

    private void bodyCredit() throws MarshalException {
        input.require(8);
        if (!calls.isOpen(input.intAt(input.start))) {
            return; // The application read on after it had answered.
        }
        NativeCall entry = named();
        long credit = entry.bodyCredit + (input.intAt(input.start + 4) & 0xffffffffL);
        if (credit > NativeCall.WINDOW) {
            throw new MarshalException("credit for more body than was sent of id " + entry.id);
        }
        entry.bodyCredit = (int) credit;
        connection.bodyReady(entry);
    }

    private NativeCall named() throws MarshalException {
        return calls.find(input.intAt(input.start) & 0xffffffffL);
    }
}
