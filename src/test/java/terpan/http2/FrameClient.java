package terpan.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A client of HTTP/2 over bytes: makes frames, and says what came back in words. */
public final class FrameClient {
    private final HpackDecoder decoder = new HpackDecoder(Http2Limits.TABLE);
    private byte[] rest = new byte[0];

    /** Preface, settings, and the word that it has those of the server. */
    public static byte[] hello() {
        return all(Peer.preface(), Peer.frame("SETTINGS@0:"), Peer.frame("SETTINGS.e@0:"));
    }

    /** The same with another window for each stream. */
    public static byte[] hello(int window) {
        byte[] settings = {0, 4, (byte) (window >>> 24), (byte) (window >>> 16), (byte) (window >>> 8), (byte) window};
        return all(Peer.preface(), Peer.frame(Frame.SETTINGS, 0, 0, settings), Peer.frame("SETTINGS.e@0:"));
    }

    /** A frame from its words: TYPE.flags@stream:payload, the payload in hexadecimal. */
    public static byte[] frame(String words) {
        return Peer.frame(words);
    }

    /** A request's head; {@code fields} as {@code name: value}, those that are no pseudo-fields behind the others. */
    public static byte[] request(int stream, boolean end, String method, String path, String... fields) {
        List<String> all =
                new ArrayList<>(List.of(":method: " + method, ":scheme: http", ":authority: h", ":path: " + path));
        all.addAll(List.of(fields));
        return head(stream, end, all);
    }

    /** A head of nothing but these fields. */
    public static byte[] head(int stream, boolean end, List<String> fields) {
        byte[] block = Peer.block(fields.stream()
                .map(field -> {
                    int colon = field.startsWith(": ") ? 0 : field.indexOf(": ", 1);
                    return new String[] {field.substring(0, colon), field.substring(colon + 2)};
                })
                .toList());
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        int at = Math.min(block.length, Frame.PAYLOAD_MOST);
        made.writeBytes(Peer.frame(
                Frame.HEADERS, (end ? 1 : 0) | (at == block.length ? 4 : 0), stream, Arrays.copyOf(block, at)));
        while (at < block.length) {
            int count = Math.min(block.length - at, Frame.PAYLOAD_MOST);
            byte[] part = Arrays.copyOfRange(block, at, at + count);
            at += count;
            made.writeBytes(Peer.frame(Frame.CONTINUATION, at == block.length ? 4 : 0, stream, part));
        }
        return made.toByteArray();
    }

    /** A piece of a body, at most 16,384 bytes. */
    public static byte[] data(int stream, boolean end, String text) {
        return Peer.frame(Frame.DATA, end ? 1 : 0, stream, text.getBytes(ISO_8859_1));
    }

    /** More room for answers; stream 0: for all together. */
    public static byte[] window(int stream, int bytes) {
        return Peer.frame(String.format("WINDOW_UPDATE@%d:%08x", stream, bytes));
    }

    /** The answer to a stream is not wanted any more. */
    public static byte[] reset(int stream) {
        return Peer.frame("RST@" + stream + ":00000008");
    }

    /** Several in a row. */
    public static byte[] all(byte[]... parts) {
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            made.writeBytes(part);
        }
        return made.toByteArray();
    }

    /**
     * A frame that came.
     *
     * @param text of DATA, each byte as a character; of HEADERS its fields, {@code name: value|name: value}; else in words
     * @param end whether it ends its stream
     */
    public record Came(String type, int stream, String text, boolean end, int number) {}

    /** What came, frame by frame; a piece of one waits for the rest. */
    public List<Came> take(byte[] bytes) {
        byte[] all = all(rest, bytes);
        List<Came> came = new ArrayList<>();
        int at = 0;
        for (int length = frameAt(all, at); length >= 0; length = frameAt(all, at)) {
            came.add(came(all, at, at + Frame.HEAD, at + Frame.HEAD + length));
            at += Frame.HEAD + length;
        }
        rest = Arrays.copyOfRange(all, at, all.length);
        return came;
    }

    private Came came(byte[] bytes, int head, int from, int to) {
        int stream = Frame.int31(bytes, head + 5);
        boolean end = (bytes[head + 4] & 1) != 0;
        return switch (bytes[head + 3]) {
            case Frame.DATA -> new Came("DATA", stream, new String(bytes, from, to - from, ISO_8859_1), end, to - from);
            case Frame.HEADERS -> new Came("HEADERS", stream, fields(bytes, from, to), end, 0);
            case Frame.RST_STREAM ->
                new Came("RST", stream, ErrorCode.name(Frame.int32(bytes, from)), true, Frame.int32(bytes, from));
            case Frame.WINDOW_UPDATE -> new Came("WINDOW", stream, "", false, Frame.int31(bytes, from));
            case Frame.SETTINGS -> new Came("SETTINGS", 0, "", end, window(bytes, from, to));
            default -> new Came(words(bytes, head, from, to), stream, "", false, 0);
        };
    }

    /** The window of streams that settings tell; -1 where they do not. */
    private static int window(byte[] bytes, int from, int to) {
        int window = -1;
        for (int at = from; at < to; at += 6) {
            window = bytes[at + 1] == 4 ? Frame.int32(bytes, at + 2) : window;
        }
        return window;
    }

    /** The length of a whole frame's payload; -1 where there is none. */
    private static int frameAt(byte[] all, int at) {
        if (all.length - at < Frame.HEAD) {
            return -1;
        }
        int length = (all[at] & 0xff) << 16 | (all[at + 1] & 0xff) << 8 | all[at + 2] & 0xff;
        return all.length - at < Frame.HEAD + length ? -1 : length;
    }

    /** The same in words. */
    public List<String> read(byte[] bytes) {
        byte[] all = all(rest, bytes);
        List<String> words = new ArrayList<>();
        int at = 0;
        for (int length = frameAt(all, at); length >= 0; length = frameAt(all, at)) {
            words.add(words(all, at, at + Frame.HEAD, at + Frame.HEAD + length));
            at += Frame.HEAD + length;
        }
        rest = Arrays.copyOfRange(all, at, all.length);
        return words;
    }

    private String words(byte[] bytes, int head, int from, int to) {
        int stream = Frame.int31(bytes, head + 5);
        String end = (bytes[head + 4] & 1) != 0 ? " end" : "";
        return switch (bytes[head + 3]) {
            case Frame.DATA -> "DATA " + stream + " " + new String(bytes, from, to - from, ISO_8859_1) + end;
            case Frame.HEADERS -> "HEADERS " + stream + " " + fields(bytes, from, to) + end;
            case Frame.RST_STREAM -> "RST " + stream + " " + ErrorCode.name(Frame.int32(bytes, from));
            case Frame.SETTINGS -> end.isEmpty() ? "SETTINGS" : "SETTINGS ack";
            case Frame.PING -> end.isEmpty() ? "PING" : "PING ack";
            case Frame.GOAWAY ->
                "GOAWAY " + Frame.int31(bytes, from) + " " + ErrorCode.name(Frame.int32(bytes, from + 4));
            case Frame.WINDOW_UPDATE -> "WINDOW " + stream + " " + Frame.int31(bytes, from);
            default -> "frame " + bytes[head + 3];
        };
    }

    private String fields(byte[] bytes, int from, int to) {
        Peer.Fields taker = new Peer.Fields();
        if (!decoder.decode(bytes, from, to, taker)) {
            throw new IllegalStateException("a head cannot be unpacked");
        }
        return taker.list.stream().map(field -> field[0] + ": " + field[1]).collect(Collectors.joining("|"));
    }
}
