package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whatever a worker calls an answer: it is refused, or means the same when it is written again. */
final class MarshalFuzzTest {
    /** An answer as it was read. */
    private record Read(long id, int status, String reason, List<String> fields, String body) {}

    @FuzzTest(maxDuration = "10m")
    void answersMeanTheSameWhenWrittenAgain(byte[] bytes) throws MarshalException {
        Read read;
        NativeAnswer answer = new NativeAnswer();
        try {
            read = read(answer, bytes.clone());
        } catch (MarshalException refused) {
            return;
        }
        if (!answer.fault.isEmpty()) {
            return;
        }
        assertThat(read.status()).isBetween(200, 599);
        String status = read.status() + (read.reason().isEmpty() ? "" : " " + read.reason());
        byte[] written = WorkerFrames.joined(
                WorkerFrames.tuple(4),
                WorkerFrames.integer((int) read.id()),
                WorkerFrames.text(status),
                WorkerFrames.fields(read.fields().toArray(String[]::new)),
                WorkerFrames.bytes(read.body().getBytes(ISO_8859_1)));
        Read again = read(new NativeAnswer(), written);
        assertThat(again)
                .isEqualTo(new Read((int) read.id(), read.status(), read.reason(), read.fields(), read.body()));
    }

    private static Read read(NativeAnswer answer, byte[] bytes) throws MarshalException {
        MarshalReader reader = new MarshalReader();
        reader.over(bytes, 0, bytes.length);
        reader.tuple(4);
        long id = reader.integer();
        answer.read(reader, bytes);
        reader.binary();
        String body = cut(bytes, reader.spanStart, reader.spanEnd);
        reader.finish();
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < 4 * answer.fieldCount; i += 2) {
            fields.add(cut(bytes, answer.spans[i], answer.spans[i + 1]));
        }
        return new Read(id, answer.status, cut(bytes, answer.reasonStart, answer.reasonEnd), fields, body);
    }

    private static String cut(byte[] bytes, int from, int to) {
        return new String(Arrays.copyOfRange(bytes, from, to), ISO_8859_1);
    }
}
