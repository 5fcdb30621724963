package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendLoop;

final class RelayedLinkTest {
    private static final int CHUNK = 64 * 1024;

    private final PretendLoop own = new PretendLoop(1);
    private final PretendLoop homeLoop = new PretendLoop(0);
    private final NativeLink home =
            new NativeLink(homeLoop, UnixDomainSocketAddress.of("w.sock"), 1, Runnable::run, 7, how -> {
                throw new AssertionError(how);
            });
    private final RelayedLink link = new RelayedLink(own, home);

    private void settle() {
        for (int i = 0; i < 4; i++) {
            own.settle();
            homeLoop.settle();
        }
        own.settle();
    }

    private List<WorkerFrames.Frame> sent() {
        settle();
        return WorkerFrames.frames(homeLoop.connected().getLast().sentBytes());
    }

    private void arrive(byte[] bytes) {
        homeLoop.connected().getLast().peerSends(bytes);
        settle();
    }

    private RecordedCall forwarded(String path) {
        RecordedCall call = RecordedCall.get(path);
        link.forward(call);
        return call;
    }

    @Test
    void callsOfATurnGoOverTogetherAndAnswersComeBack() {
        RecordedCall first = forwarded("/a");
        RecordedCall second = forwarded("/b");
        assertThat(sent()).hasSize(1);
        arrive(WorkerFrames.batch(
                WorkerFrames.answer(0, "200 OK", "a", "X-A", "1"), WorkerFrames.answer(1, "404 Not Found", "b")));
        assertThat(first.all()).isEqualTo("start 200 OK | X-A: 1 | length 1 | body a | end");
        assertThat(second.all()).isEqualTo("start 404 Not Found | length 1 | body b | end");
    }

    @Test
    void hintsComeBackBeforeTheirAnswer() {
        RecordedCall call = forwarded("/a");
        sent();
        arrive(WorkerFrames.joined(
                WorkerFrames.hints(0, "Link: x\r\n"), WorkerFrames.batch(WorkerFrames.answer(0, "200 OK", "a"))));
        assertThat(call.all()).isEqualTo("said 103 | Link: x | start 200 OK | length 1 | body a | end");
    }

    @Test
    void bodiesGoOverWholeOrInPieces() {
        byte[] small = "hello".getBytes(UTF_8);
        link.forward(
                new RecordedCall("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", PiecewiseBody.of(small)));
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.bytes()).endsWith(small));
        PiecewiseBody body = PiecewiseBody.coming(-1);
        RecordedCall call = new RecordedCall("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", body);
        link.forward(call);
        assertThat(sent()).hasSize(1);
        body.comes(new byte[20 * CHUNK]);
        body.complete();
        link.bodyReady(call);
        int received = 0;
        boolean ended = false;
        for (int rounds = 0; rounds < 100 && !ended; rounds++) {
            int round = 0;
            for (WorkerFrames.Frame frame : sent()) {
                round += frame.kind() == 1 ? frame.bytes().length - 4 : 0;
                ended |= frame.kind() == 2;
            }
            received += round;
            assertThat(round).isLessThanOrEqualTo(4 * CHUNK);
            if (round > 0) {
                arrive(WorkerFrames.named(6, 1, round));
            }
        }
        assertThat(ended).isTrue();
        assertThat(received).isEqualTo(20 * CHUNK);
    }

    @Test
    void aCallThatTakesNothingStopsTheWorkerAndGoesOnAfterResume() {
        RecordedCall call = forwarded("/a");
        call.wantsMore = false;
        sent();
        arrive(WorkerFrames.head(0, "200 OK", -1));
        int credit = 4 * CHUNK;
        int total = 0;
        while (credit >= CHUNK) {
            arrive(WorkerFrames.chunk(0, new byte[CHUNK]));
            credit -= CHUNK;
            total += CHUNK;
            for (WorkerFrames.Frame frame : sent()) {
                credit += frame.second();
            }
        }
        assertThat(total).isLessThanOrEqualTo(8 * CHUNK);
        call.wantsMore = true;
        link.resume(call);
        assertThat(sent())
                .isNotEmpty()
                .allSatisfy(frame -> assertThat(frame.kind()).isEqualTo(4));
        arrive(WorkerFrames.named(3, 0));
        assertThat(call.answerBody.size()).isEqualTo(total);
        assertThat(call.heard.getLast()).isEqualTo("end");
    }

    @Test
    void aCancelReachesTheWorkerAndItsEndComesBack() {
        List<String> heard = new ArrayList<>();
        RecordedCall call = forwarded("/a");
        sent();
        link.cancel(call, () -> heard.add("ended"));
        assertThat(sent())
                .singleElement()
                .satisfies(frame -> assertThat(frame.kind()).isEqualTo(3));
        assertThat(heard).isEmpty();
        arrive(WorkerFrames.named(5, 0));
        assertThat(heard).containsExactly("ended");
        assertThat(call.heard).isEmpty();
    }

    @Test
    void aRefusedFieldFailsTheCallOnItsOwnLoop() {
        RecordedCall call = forwarded("/a");
        call.refusedField = "Bad";
        sent();
        arrive(WorkerFrames.batch(WorkerFrames.answer(0, "200 OK", "x", "Bad", "1")));
        assertThat(call.heard.getLast()).startsWith("failed NONSENSE");
    }

    @Test
    void failuresAndReturnsComeBackAndClosingFailsWhatIsOpen() {
        RecordedCall returned = forwarded("/a");
        RecordedCall broken = forwarded("/b");
        sent();
        arrive(WorkerFrames.named(5, 0));
        assertThat(returned.all()).isEqualTo("returned");
        homeLoop.connected().getLast().peerShutsOutput();
        settle();
        assertThat(broken.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
        RecordedCall open = forwarded("/c");
        sent();
        link.close();
        assertThat(open.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
        RecordedCall late = forwarded("/d");
        settle();
        assertThat(late.all()).startsWith("failed NOT_CONNECTED");
    }
}
