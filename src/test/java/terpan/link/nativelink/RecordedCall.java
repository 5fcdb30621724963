package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.http.ResponseHead;
import terpan.link.BodySource;
import terpan.link.Call;
import terpan.link.Failure;
import terpan.link.Origin;

/** A call that writes down what it hears. */
public final class RecordedCall implements Call {
    static final Origin ORIGIN = new Origin("192.0.2.7", "51812", "http", "192.0.2.1", "8080");

    private final RequestHead head;
    private final PiecewiseBody body;
    private @Nullable Object linkState;
    public final List<String> heard = new ArrayList<>();
    final ByteArrayOutputStream answerBody = new ByteArrayOutputStream();
    boolean wantsMore = true;
    Origin origin = ORIGIN;
    Runnable atStart = () -> {};
    Runnable atEnd = () -> {};
    String refusedField = "";

    RecordedCall(String head, PiecewiseBody body) {
        this.head = parse(head);
        this.body = body;
    }

    public static RecordedCall get(String path) {
        return new RecordedCall("GET " + path + " HTTP/1.1\r\nHost: example.org\r\n\r\n", PiecewiseBody.none());
    }

    static RequestHead parse(String text) {
        RequestHead head = new RequestHead();
        byte[] bytes = text.getBytes(ISO_8859_1);
        head.reset(bytes, 0);
        int result =
                new RequestParser(new HeadLimits(8_000, 8_000, 60_000, 250, false)).parse(bytes, 0, bytes.length, head);
        if (result <= 0) {
            throw new IllegalArgumentException("not a head (" + result + "): " + text);
        }
        return head;
    }

    public String all() {
        return String.join(" | ", heard);
    }

    @Override
    public RequestHead head() {
        return head;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public BodySource body() {
        return body;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object state) {
        linkState = state;
    }

    @Override
    public void answerInformational(ResponseHead said) {
        heard.add("said " + said.status);
        for (int i = 0; i < said.fieldCount; i++) {
            heard.add(new String(said.bytes, said.nameStart[i], said.valueEnd[i] - said.nameStart[i], ISO_8859_1));
        }
    }

    @Override
    public void answerStart(int status, byte[] bytes, int reasonStart, int reasonEnd) {
        heard.add("start " + status + " " + new String(bytes, reasonStart, reasonEnd - reasonStart, ISO_8859_1));
        atStart.run();
    }

    @Override
    public boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        String name = new String(bytes, nameStart, nameEnd - nameStart, ISO_8859_1);
        heard.add(name + ": " + new String(bytes, valueStart, valueEnd - valueStart, ISO_8859_1));
        return !name.equals(refusedField);
    }

    @Override
    public void answerHeadEnd(long length) {
        heard.add("length " + length);
    }

    @Override
    public void answerBody(byte[] bytes, int start, int end) {
        answerBody.write(bytes, start, end - start);
        String text = new String(bytes, start, end - start, ISO_8859_1);
        heard.add(text.length() > 40 ? "body of " + text.length() : "body " + text);
    }

    @Override
    public boolean wantsMore() {
        return wantsMore;
    }

    @Override
    public void answerFile(FileChannel file, long position, long length) {
        try (file) {
            ByteBuffer content = ByteBuffer.allocate((int) length);
            while (content.hasRemaining() && file.read(content, position + content.position()) > 0) {
                // Reads until the piece is whole.
            }
            heard.add("file " + new String(content.array(), 0, content.position(), ISO_8859_1));
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public void answerEnd(long service) {
        heard.add("end");
        atEnd.run();
    }

    @Override
    public void failed(Failure failure, String detail) {
        heard.add("failed " + failure + ": " + detail);
        atEnd.run();
    }

    @Override
    public void returned() {
        heard.add("returned");
        atEnd.run();
    }
}
