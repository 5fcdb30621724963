package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import terpan.loop.PretendLoop;
import terpan.loop.PretendWire;

/** Whatever the worker sends, each call ends at most once, and all of them when the connection does. */
final class NativeAnswersFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void anyBytesEndEachCallAtMostOnce(byte[] bytes) {
        assertThat(heard(bytes, 1)).as("byte by byte").isEqualTo(heard(bytes, Math.max(1, bytes.length)));
    }

    /** What each call hears of bytes that come in pieces of a size. */
    private static List<List<String>> heard(byte[] bytes, int step) {
        PretendLoop loop = new PretendLoop();
        List<String> broken = new ArrayList<>();
        NativeLink link = new NativeLink(
                loop,
                UnixDomainSocketAddress.of("w.sock"),
                ProcessHandle.current().pid(),
                Runnable::run,
                7,
                broken::add);
        List<RecordedCall> calls = List.of(RecordedCall.get("/a"), RecordedCall.get("/b"), RecordedCall.get("/c"));
        calls.forEach(link::forward);
        loop.settle();
        PretendWire worker = loop.connected().getLast();
        for (int at = 0; at < bytes.length && worker.isOpen(); at += step) {
            worker.peerSends(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step)));
            loop.settle();
        }
        assertThat(broken).hasSizeLessThanOrEqualTo(1);
        link.close();
        for (RecordedCall call : calls) {
            assertThat(call.heard.stream().filter(NativeAnswersFuzzTest::isEnd))
                    .as(call.all())
                    .hasSize(1);
            assertThat(isEnd(call.heard.getLast())).as(call.all()).isTrue();
        }
        return calls.stream().map(call -> call.heard).toList();
    }

    @Test
    void goodFramesWithWrongBytesEndEachCallAtMostOnce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = WorkerFrames.joined(
                WorkerFrames.batch(WorkerFrames.answerWith("X-C:1".getBytes(UTF_8), 0, "200 OK", "x", "X-A", "1")),
                WorkerFrames.headWith("X-C:1".getBytes(UTF_8), 1, "200 OK", 5, "X-B", "\u00e9"),
                WorkerFrames.chunk(1, "hello".getBytes(UTF_8)),
                WorkerFrames.named(3, 1),
                WorkerFrames.named(6, 2, 0),
                WorkerFrames.named(5, 2));
        for (int i = 0; i < 500; i++) {
            byte[] bytes = good.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                anyBytesEndEachCallAtMostOnce(bytes);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed + ", round " + i, failure);
            }
        }
    }

    private static boolean isEnd(String step) {
        return step.equals("end") || step.equals("returned") || step.startsWith("failed ");
    }
}
