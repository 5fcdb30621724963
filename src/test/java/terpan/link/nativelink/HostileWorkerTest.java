package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.loop.PretendLoop;
import terpan.loop.PretendWire;

/**
 * A worker that misbehaves on the native link, its bytes cut anywhere: what becomes of the first request (id 0) and of the second (id 1),
 * whether the link is ended, and that a third is answered with its own answer.
 */
final class HostileWorkerTest {
    private static final String OPEN = "nothing yet";
    private static final String NONSENSE = "failed NONSENSE";
    private static final String BROKEN_OFF = "failed BROKEN_OFF";

    private static byte[] whole(int id, String status, String body, String... fields) {
        return WorkerFrames.batch(WorkerFrames.answer(id, status, body, fields));
    }

    private static Arguments row(String name, String first, String second, boolean ended, byte[]... frames) {
        return Arguments.of(name, first, second, ended, WorkerFrames.joined(frames));
    }

    static Stream<Arguments> workers() {
        return Stream.concat(forms(), fates());
    }

    private static Stream<Arguments> forms() {
        byte[] good = whole(0, "200 OK", "x");
        return Stream.of(
                row("a good answer", "end", OPEN, false, good),
                row("HTTP instead of frames", NONSENSE, NONSENSE, true, "HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8)),
                row("a frame of no bytes", NONSENSE, NONSENSE, true, WorkerFrames.int32(0)),
                row("a frame of 4 GiB", NONSENSE, NONSENSE, true, WorkerFrames.int32(-1)),
                row("a frame of 17 MiB", NONSENSE, NONSENSE, true, WorkerFrames.int32(17 << 20)),
                row("an unknown kind", NONSENSE, NONSENSE, true, WorkerFrames.frame(99, new byte[4])),
                row("an empty batch frame", NONSENSE, NONSENSE, true, WorkerFrames.frame(0, new byte[0])),
                row("a dict", NONSENSE, NONSENSE, true, WorkerFrames.frame(0, new byte[] {'{', '0'})),
                row("a reference", NONSENSE, NONSENSE, true, WorkerFrames.frame(0, new byte[] {'r', 0, 0, 0, 0})),
                row("a list of 2^31", NONSENSE, NONSENSE, true, WorkerFrames.frame(0, new byte[] {'[', -1, -1, -1, 127
                })),
                row("bytes behind the value", "end", NONSENSE, true, withExtra(good)),
                row("an empty batch", OPEN, OPEN, false, WorkerFrames.batch()),
                row("text that is not UTF-8", NONSENSE, NONSENSE, true, brokenText()),
                row("a status beyond latin-1", NONSENSE, OPEN, false, whole(0, "200 \u20ac", "x")),
                row("a field beyond latin-1", NONSENSE, OPEN, false, whole(0, "200 OK", "x", "A", "\u20ac")),
                row("status 101", NONSENSE, OPEN, false, whole(0, "101 Switching Protocols", "")),
                row("status 100", NONSENSE, OPEN, false, whole(0, "100 Continue", "")),
                row("status 99", NONSENSE, OPEN, false, whole(0, "99 Odd", "")),
                row("status 600", NONSENSE, OPEN, false, whole(0, "600 Odd", "")),
                row("a field of its own", "end", OPEN, false, own("X-Terpan-Route:a")),
                row("a field of its own behind 1,024", "end", OPEN, false, own("X-Terpan-Route:a", fields(1024))),
                row("a field of its own without name", NONSENSE, OPEN, false, own(":a")),
                row("a field of its own without colon", NONSENSE, NONSENSE, true, own("X-Terpan-Route")),
                row("no field of its own", NONSENSE, NONSENSE, true, own("")),
                row("a tuple of six", NONSENSE, NONSENSE, true, WorkerFrames.batch(WorkerFrames.tuple(6))),
                row("no status", NONSENSE, OPEN, false, whole(0, "", "x")),
                row("2,000 fields", NONSENSE, NONSENSE, true, whole(0, "200 OK", "x", fields(2000))));
    }

    private static byte[] hintsWithoutEnd() {
        byte[][] all = new byte[20][];
        java.util.Arrays.fill(all, WorkerFrames.hints(0, ""));
        return WorkerFrames.joined(all);
    }

    private static Stream<Arguments> fates() {
        byte[] good = whole(0, "200 OK", "x");
        byte[] head = WorkerFrames.head(0, "200 OK", 5);
        byte[] hello = WorkerFrames.chunk(0, "hello".getBytes(UTF_8));
        byte[] end = WorkerFrames.named(3, 0);
        return Stream.of(
                row("hints behind the head", BROKEN_OFF, NONSENSE, true, head, WorkerFrames.hints(0, "A: b\r\n")),
                row("hints that are no head", NONSENSE, NONSENSE, true, WorkerFrames.hints(0, "A\r\n")),
                row("hints with a line of their own", NONSENSE, NONSENSE, true, WorkerFrames.hints(0, "\r\nA: b\r\n")),
                row("hints for an id of nobody", NONSENSE, NONSENSE, true, WorkerFrames.hints(77, "")),
                row("hints of half an id", NONSENSE, NONSENSE, true, WorkerFrames.frame(8, new byte[3])),
                row("hints without end", NONSENSE, NONSENSE, true, hintsWithoutEnd()),
                row("an id that was never given", NONSENSE, NONSENSE, true, whole(77, "200 OK", "x")),
                row("a negative id", NONSENSE, NONSENSE, true, whole(-1, "200 OK", "x")),
                row("a second answer", "end", NONSENSE, true, good, good),
                row("two answers for one id in a batch", "end", NONSENSE, true, twice()),
                row("an end without a head", NONSENSE, NONSENSE, true, end),
                row("a chunk without a head", NONSENSE, NONSENSE, true, hello),
                row("a second head", BROKEN_OFF, NONSENSE, true, head, head),
                row("a whole answer behind a head", BROKEN_OFF, NONSENSE, true, head, good),
                row("a chunk behind the end", "end", NONSENSE, true, head, hello, end, hello),
                row("less than was told", BROKEN_OFF, OPEN, false, head, end),
                row("more than was told", BROKEN_OFF, OPEN, false, head, hello, hello),
                row("a length of -2", NONSENSE, NONSENSE, true, WorkerFrames.head(0, "200 OK", -2)),
                row("an abort within the answer", BROKEN_OFF, OPEN, false, head, WorkerFrames.named(4, 0)),
                row("an abort before it", NONSENSE, OPEN, false, WorkerFrames.named(4, 0)),
                row("returned after it began", BROKEN_OFF, NONSENSE, true, head, WorkerFrames.named(5, 0)),
                row("returned twice", "returned", NONSENSE, true, WorkerFrames.named(5, 0), WorkerFrames.named(5, 0)),
                row("half an id", NONSENSE, NONSENSE, true, WorkerFrames.frame(5, new byte[3])),
                row("credit for a body that is not there", NONSENSE, NONSENSE, true, WorkerFrames.named(6, 0, 1)),
                row("a file before the head", NONSENSE, NONSENSE, true, file(3, 1)),
                row("a file that is not the one named", OPEN, OPEN, false, head, file(3, 5)),
                row("a file longer than was told", OPEN, OPEN, false, head, file(3, 1 << 20)),
                row("another's answer in the same batch", "end", "end", false, both()));
    }

    private static byte[] withExtra(byte[] frame) {
        byte[] payload = new byte[frame.length - 4];
        System.arraycopy(frame, 5, payload, 0, frame.length - 5);
        return WorkerFrames.frame(0, payload);
    }

    private static byte[] own(String field, String... fields) {
        return WorkerFrames.batch(WorkerFrames.answerWith(field.getBytes(UTF_8), 0, "200 OK", "x", fields));
    }

    private static String[] fields(int count) {
        String[] fields = new String[2 * count];
        java.util.Arrays.fill(fields, "A");
        return fields;
    }

    private static byte[] brokenText() {
        byte[] bad =
                WorkerFrames.joined(new byte[] {'u'}, WorkerFrames.int32(4), new byte[] {'2', '0', '0', (byte) 0xff});
        return WorkerFrames.batch(WorkerFrames.joined(
                WorkerFrames.tuple(4),
                WorkerFrames.integer(0),
                bad,
                WorkerFrames.fields(),
                WorkerFrames.bytes(new byte[0])));
    }

    private static byte[] twice() {
        byte[] answer = WorkerFrames.answer(0, "200 OK", "x");
        return WorkerFrames.batch(answer, answer);
    }

    private static byte[] both() {
        return WorkerFrames.batch(WorkerFrames.answer(1, "200 OK", "b"), WorkerFrames.answer(0, "200 OK", "a"));
    }

    private static byte[] file(int descriptor, int length) {
        return WorkerFrames.named(7, 0, descriptor, 0, 0, length, 0, 0, 0, 0, 0);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("workers")
    void whatAWorkerDoesWrongStaysWithTheRequestsItHas(
            String name, String first, String second, boolean ended, byte[] bytes) {
        int step = 1 + bytes.length / 200;
        for (int cut = 0; cut <= bytes.length; cut += step) {
            List<String> broken = new ArrayList<>();
            PretendLoop loop = new PretendLoop();
            long pid = ProcessHandle.current().pid();
            NativeLink link =
                    new NativeLink(loop, UnixDomainSocketAddress.of("w.sock"), pid, Runnable::run, 7, broken::add);
            RecordedCall one = RecordedCall.get("/one");
            RecordedCall two = RecordedCall.get("/two");
            link.forward(one);
            link.forward(two);
            loop.settle();
            PretendWire worker = loop.connected().getLast();
            worker.peerSends(java.util.Arrays.copyOf(bytes, cut));
            loop.settle();
            if (worker.isOpen()) {
                worker.peerSends(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
                loop.settle();
            }
            assertThat(fate(one)).as("the first, cut at %d: %s", cut, one.all()).isEqualTo(first);
            assertThat(fate(two))
                    .as("the second, cut at %d: %s", cut, two.all())
                    .isEqualTo(second);
            assertThat(broken).hasSize(ended ? 1 : 0);
            assertThat(worker.isOpen()).isEqualTo(!ended);
            third(loop, link);
        }
    }

    private static String fate(RecordedCall call) {
        if (call.heard.isEmpty() || call.heard.stream().noneMatch(step -> step.matches("end|returned|failed .*"))) {
            return OPEN;
        }
        String last = call.heard.getLast();
        return last.startsWith("failed ") ? last.substring(0, last.indexOf(':')) : last;
    }

    private static void third(PretendLoop loop, NativeLink link) {
        RecordedCall three = RecordedCall.get("/three");
        link.forward(three);
        loop.settle();
        int id = three.linkState() instanceof NativeCall entry ? entry.id : -1;
        loop.connected().getLast().peerSends(whole(id, "200 OK", "three"));
        loop.settle();
        assertThat(three.heard).endsWith("body three", "end");
        link.close();
    }
}
