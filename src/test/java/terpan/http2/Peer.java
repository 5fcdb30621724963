package terpan.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import terpan.http.HeadLimits;
import terpan.http.Refusal;

/** A client at the other end of a connection, over bytes: what it sends, and what comes back in words; the owner of the connection, too. */
final class Peer implements Http2Owner {
    static final Http2Limits LIMITS = new Http2Limits(
            8, 65_536, 100_000, new HeadLimits(8000, 8000, 32 * 1024, 80, false), Http2Limits.TABLE, false);

    static final String GET = "82868441" + "0161";
    static final String POST = "83868441" + "0161";

    private static final String[] TYPES = {
        "DATA",
        "HEADERS",
        "PRIORITY",
        "RST",
        "SETTINGS",
        "PUSH",
        "PING",
        "GOAWAY",
        "WINDOW_UPDATE",
        "CONT",
        "",
        "",
        "",
        "",
        "",
        "",
        "PRIORITY_UPDATE"
    };

    /** Counts what is lent. */
    static final class Counted implements Buffers {
        int lent;
        boolean exhausted;

        @Override
        public byte[] take(int size) {
            lent += size;
            byte[] buffer = new byte[size];
            Arrays.fill(buffer, (byte) 0x55);
            return buffer;
        }

        @Override
        public byte[] takeSome(int least) {
            return take(Math.max(FrameWriter.BYTES, least));
        }

        @Override
        public boolean exhausted() {
            return exhausted;
        }

        @Override
        public void giveBack(byte[] buffer) {
            lent -= buffer.length;
            Arrays.fill(buffer, (byte) 0xaa);
        }

        @Override
        public void count(int change) {
            lent += change;
        }
    }

    final Counted buffers = new Counted();
    final Http2Connection connection;
    final Map<Integer, Http2Stream> open = new TreeMap<>();
    final List<String> events = new ArrayList<>();
    final Map<Integer, Integer> bodies = new TreeMap<>();
    boolean takesBodies = true;
    boolean flushWanted;
    long now;

    /** What came back, frames in words. */
    final List<String> received = new ArrayList<>();

    private final HpackDecoder answers = new HpackDecoder(Http2Limits.TABLE);

    Peer() {
        this(LIMITS);
    }

    Peer(Http2Limits limits) {
        connection = new Http2Connection(new Http2Server(limits, buffers), this);
        connection.begin();
    }

    /** Past preface and settings. */
    static Peer greeted(Http2Limits limits) {
        Peer peer = new Peer(limits);
        peer.send(preface());
        peer.send("SETTINGS@0:", "SETTINGS.e@0:");
        peer.collect();
        peer.received.clear();
        return peer;
    }

    static Peer greeted() {
        return greeted(LIMITS);
    }

    static byte[] preface() {
        return Http2Connection.PREFACE.clone();
    }

    void send(byte[] bytes) {
        connection.receive(bytes, 0, bytes.length, now);
    }

    void send(String... frames) {
        for (String frame : frames) {
            send(frame(frame));
        }
    }

    /** A frame from its words: TYPE.flags@stream:payload. */
    static byte[] frame(String words) {
        if (words.equals("PREFACE")) {
            return preface();
        }
        if (words.startsWith("BYTES:")) {
            return HexFormat.of().parseHex(words.substring(6));
        }
        String head = words.substring(0, words.indexOf('@'));
        String rest = words.substring(words.indexOf('@') + 1);
        String type = head.contains(".") ? head.substring(0, head.indexOf('.')) : head;
        String letters = head.contains(".") ? head.substring(head.indexOf('.') + 1) : "";
        int flags = 0;
        for (int i = 0; i < letters.length(); i++) {
            flags |= switch (letters.charAt(i)) {
                case 'e' -> 1;
                case 'h' -> 4;
                case 'p' -> 8;
                case 'r' -> 0x20;
                default -> throw new IllegalArgumentException(words);
            };
        }
        int stream = Integer.parseInt(rest.substring(0, rest.indexOf(':')));
        int number = type.startsWith("T")
                ? Integer.parseInt(type.substring(1))
                : Arrays.asList(TYPES).indexOf(type);
        assertThat(number).as(words).isGreaterThanOrEqualTo(0);
        return frame(number, flags, stream, payload(rest.substring(rest.indexOf(':') + 1)));
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[0] = (byte) (payload.length >>> 16);
        frame[1] = (byte) (payload.length >>> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[5] = (byte) (stream >>> 24);
        frame[6] = (byte) (stream >>> 16);
        frame[7] = (byte) (stream >>> 8);
        frame[8] = (byte) stream;
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }

    private static byte[] payload(String words) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (String part : words.isEmpty() ? List.<String>of() : List.of(words.split("\\+", -1))) {
            switch (part) {
                case "{get}" -> payload.writeBytes(HexFormat.of().parseHex(GET));
                case "{post}" -> payload.writeBytes(HexFormat.of().parseHex(POST));
                case "{post5}" -> payload.writeBytes(HexFormat.of().parseHex(POST + "0f0d0135"));
                default ->
                    payload.writeBytes(
                            part.startsWith("z")
                                    ? new byte[Integer.parseInt(part.substring(1))]
                                    : HexFormat.of().parseHex(part));
            }
        }
        return payload.toByteArray();
    }

    /** A head's block in the plainest form: every field written out. */
    static byte[] block(List<String[]> fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (String[] field : fields) {
            block.write(0);
            for (String text : field) {
                byte[] bytes = text.getBytes(ISO_8859_1);
                integer(block, bytes.length);
                block.writeBytes(bytes);
            }
        }
        return block.toByteArray();
    }

    private static void integer(ByteArrayOutputStream into, int value) {
        if (value < 127) {
            into.write(value);
            return;
        }
        into.write(127);
        int rest = value - 127;
        while (rest >= 128) {
            into.write(rest & 127 | 128);
            rest >>= 7;
        }
        into.write(rest);
    }

    /** A request whose head is written out. */
    void request(int stream, boolean end, List<String[]> fields) {
        byte[] block = block(fields);
        int at = Math.min(block.length, 16_384);
        int flags = end ? 1 : 0;
        send(frame(Frame.HEADERS, at == block.length ? flags | 4 : flags, stream, Arrays.copyOf(block, at)));
        while (at < block.length) {
            int count = Math.min(block.length - at, 16_384);
            byte[] part = Arrays.copyOfRange(block, at, at + count);
            at += count;
            send(frame(Frame.CONTINUATION, at == block.length ? 4 : 0, stream, part));
        }
    }

    /** Takes what is to be sent. */
    byte[] output() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (connection.fill()) {
            assertThat(connection.outputLength()).isLessThanOrEqualTo(300 * 1024);
            all.write(connection.output(), connection.outputStart(), connection.outputLength());
            connection.sent(connection.outputLength());
        }
        return all.toByteArray();
    }

    /** Takes what is to be sent, in words, behind what came before. */
    List<String> collect() {
        read(output());
        return received;
    }

    private void read(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            int length = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
            assertThat(length).isLessThanOrEqualTo(16_384);
            int end = at + 9 + length;
            assertThat(end).isLessThanOrEqualTo(bytes.length);
            received.add(words(bytes, at, at + 9, end));
            at = end;
        }
    }

    private String words(byte[] bytes, int head, int from, int to) {
        int type = bytes[head + 3];
        int flags = bytes[head + 4];
        int stream = Frame.int31(bytes, head + 5);
        String end = (flags & 1) != 0 ? " end" : "";
        return switch (type) {
            case Frame.DATA -> "DATA " + stream + " " + (to - from) + end;
            case Frame.HEADERS -> {
                assertThat(flags & Frame.END_HEADERS).isEqualTo(Frame.END_HEADERS);
                yield "HEADERS " + stream + " " + fields(bytes, from, to) + end;
            }
            case Frame.RST_STREAM -> "RST " + stream + " " + ErrorCode.name(Frame.int32(bytes, from));
            case Frame.SETTINGS -> (flags & 1) != 0 ? "SETTINGS ack" : "SETTINGS";
            case Frame.PING -> (flags & 1) != 0 ? "PING ack" : "PING";
            case Frame.GOAWAY ->
                "GOAWAY " + Frame.int31(bytes, from) + " " + ErrorCode.name(Frame.int32(bytes, from + 4));
            case Frame.WINDOW_UPDATE -> "WINDOW " + stream + " " + Frame.int31(bytes, from);
            default -> throw new IllegalStateException("a frame of type " + type);
        };
    }

    private String fields(byte[] bytes, int from, int to) {
        Fields taker = new Fields();
        assertThat(answers.decode(bytes, from, to, taker)).isTrue();
        return taker.list.stream().map(field -> field[0] + "=" + field[1]).collect(Collectors.joining(" "));
    }

    /** A list of what is unpacked. */
    static final class Fields implements FieldTaker {
        final List<String[]> list = new ArrayList<>();
        private byte[] bytes = new byte[16];

        @Override
        public byte[] reserve(int count) {
            if (bytes.length < count) {
                bytes = Arrays.copyOf(bytes, count);
            }
            return bytes;
        }

        @Override
        public int end() {
            return 0;
        }

        @Override
        public void take(int nameLength, int valueLength, int kind) {
            list.add(new String[] {
                new String(bytes, 0, nameLength, ISO_8859_1), new String(bytes, nameLength + 2, valueLength, ISO_8859_1)
            });
        }

        @Override
        public boolean wants() {
            return true;
        }
    }

    /** An open stream. */
    Http2Stream stream(int id) {
        return java.util.Objects.requireNonNull(open.get(id), "stream " + id + " is not open");
    }

    /** Answers with a length and that many bytes. */
    Bytes answer(int id, int bytes) {
        Http2Stream stream = stream(id);
        stream.answer(200);
        stream.length(bytes);
        Bytes source = new Bytes(bytes);
        stream.source(source);
        stream.headEnd(false);
        return source;
    }

    /** So many bytes, at hand at once or as they are added. */
    static final class Bytes implements AnswerSource {
        int left;
        boolean last = true;

        Bytes(int left) {
            this.left = left;
        }

        @Override
        public int available() {
            return left;
        }

        @Override
        public int take(byte[] into, int at, int most) {
            int count = Math.min(left, most);
            Arrays.fill(into, at, at + count, (byte) 'x');
            left -= count;
            return count;
        }

        @Override
        public boolean last() {
            return last;
        }
    }

    @Override
    public void request(Http2Stream stream) {
        open.put(stream.id(), stream);
        events.add("request " + stream.id());
    }

    @Override
    public void refused(Http2Stream stream, Refusal refusal) {
        open.put(stream.id(), stream);
        events.add("refused " + stream.id() + " " + refusal);
    }

    @Override
    public void body(Http2Stream stream, byte[] bytes, int from, int to) {
        bodies.merge(stream.id(), to - from, Integer::sum);
        if (takesBodies) {
            stream.taken(to - from);
        }
    }

    @Override
    public void bodyEnd(Http2Stream stream) {
        events.add("whole " + stream.id());
    }

    @Override
    public boolean closed(Http2Stream stream, End end, int code) {
        open.remove(stream.id());
        events.add("closed " + stream.id() + " " + end + " " + ErrorCode.name(code));
        return true;
    }

    @Override
    public void malformed(Malformed what) {
        events.add("malformed " + what);
    }

    @Override
    public void flushLater() {
        flushWanted = true;
    }

    /** The last thing of a kind that happened; empty for none. */
    String last(String kind) {
        @Nullable String found = null;
        for (String event : events) {
            found = event.startsWith(kind) ? event : found;
        }
        return found == null ? "" : found;
    }
}
