package terpan.link;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;
import terpan.http.HeadLimits;
import terpan.http.RequestHead;
import terpan.http.RequestParser;
import terpan.http.ResponseHead;

/** A request of our own to a worker of ours: without a body, and of its answer's fields nobody wants to know. */
abstract class OwnCall implements Call {
    private @Nullable Object linkState;

    /**
     * The head of a GET; null: the target or the fields are not what a head may have.
     *
     * @param fields each with its line end
     */
    static @Nullable RequestHead get(String target, String host, String fields) {
        byte[] bytes = ("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n").getBytes(US_ASCII);
        RequestHead head = new RequestHead();
        head.reset(bytes, 0);
        HeadLimits limits = new HeadLimits(bytes.length, bytes.length, bytes.length, bytes.length, false);
        return new RequestParser(limits).parse(bytes, 0, bytes.length, head) == bytes.length ? head : null;
    }

    @Override
    public boolean answerFields(ResponseHead head) {
        return true;
    }

    @Override
    public boolean answerField(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        return true;
    }

    @Override
    public void answerHeadEnd(long length) {}

    @Override
    public boolean wantsMore() {
        return true;
    }

    @Override
    public BodySource body() {
        return NoBody.NONE;
    }

    @Override
    public @Nullable Object linkState() {
        return linkState;
    }

    @Override
    public void linkState(@Nullable Object state) {
        linkState = state;
    }

    private enum NoBody implements BodySource {
        NONE;

        @Override
        public long length() {
            return 0;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public int take(byte[] into, int offset, int length) {
            return -1;
        }

        @Override
        public boolean rewind() {
            return true;
        }
    }
}
