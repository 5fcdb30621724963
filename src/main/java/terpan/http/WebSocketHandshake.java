package terpan.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** The opening handshake of WebSocket (RFC 6455, section 4) as it stands in heads; what follows it is nobody's here. No state. */
public final class WebSocketHandshake {
    /** The only version that there is (RFC 6455, section 4.1). */
    public static final byte[] VERSION = "13".getBytes(US_ASCII);

    /** What names the version. */
    public static final byte[] VERSION_NAME = "Sec-WebSocket-Version".getBytes(US_ASCII);

    private static final byte[] KEY = "sec-websocket-key".getBytes(US_ASCII);
    private static final byte[] ACCEPT = "sec-websocket-accept".getBytes(US_ASCII);
    private static final byte[] VERSION_LOWERED = "sec-websocket-version".getBytes(US_ASCII);
    private static final byte[] UPGRADE = "upgrade".getBytes(US_ASCII);
    private static final byte[] CONNECTION = "connection".getBytes(US_ASCII);
    private static final byte[] WEB_SOCKET = "websocket".getBytes(US_ASCII);
    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(US_ASCII);

    /** Sixteen bytes in Base64. */
    private static final int KEY_LENGTH = 24;

    /** Bytes of a key before they are Base64. */
    public static final int KEY_BYTES = 16;

    private static final byte[] GET = "GET".getBytes(US_ASCII);

    /** What a server has to look for in a handshake (RFC 6455, section 4.2.1). */
    public enum Fault {
        NONE(""),
        CONNECTION("Connection does not name Upgrade"),
        KEY("Sec-WebSocket-Key is no 16 bytes in Base64"),
        BODY("a handshake has no body"),
        OLD("it needs HTTP/1.1"),
        VERSION("only version 13 is spoken");

        private final String words;

        Fault(String words) {
            this.words = words;
        }

        /** One sentence for the client, without its end. */
        public String words() {
            return words;
        }
    }

    private WebSocketHandshake() {}

    /** Whether a request asks for WebSocket, well or not: a GET whose Upgrade names it. */
    static boolean isAskedFor(RequestHead head) {
        return head.has(Field.UPGRADE) && head.method == Method.GET && names(head, UPGRADE, WEB_SOCKET);
    }

    /** Whether an extended CONNECT is for WebSocket (RFC 8441, section 5). */
    public static boolean isProtocol(RequestHead head, int from, int to) {
        return Ascii.equalsLowered(head.bytes, from, to, WEB_SOCKET);
    }

    /**
     * Makes a handshake, as HTTP/1.1 has it, of an extended CONNECT of HTTP/2, which has neither key nor Upgrade.
     *
     * @param nonce what the key is made of, {@link #KEY_BYTES}
     * @return false where there is no room for more fields
     */
    public static boolean fromConnect(RequestHead head, byte[] nonce) {
        if (head.fieldCount + 2 > Head.FIELDS_MOST) {
            return false;
        }
        for (int i = 0; i < head.fieldCount; i++) {
            if (Ascii.equalsLowered(head.bytes, head.nameStart[i], head.nameEnd[i], KEY)) {
                head.field[i] = Field.DROPPED;
            }
        }
        int at = head.end;
        byte[] key = Base64.getEncoder().encode(nonce);
        int more = GET.length + UPGRADE.length + WEB_SOCKET.length + KEY.length + key.length;
        head.bytes = Arrays.copyOf(head.bytes, Math.max(head.bytes.length, at + more));
        System.arraycopy(GET, 0, head.bytes, at, GET.length);
        head.method = Method.GET;
        head.methodStart = at;
        head.methodEnd = at + GET.length;
        head.contentLength = 0;
        head.expectContinue = false;
        head.end = head.methodEnd;
        add(head, UPGRADE, WEB_SOCKET, Field.UPGRADE);
        add(head, KEY, key, Field.OTHER);
        return true;
    }

    private static void add(RequestHead head, byte[] name, byte[] value, byte number) {
        int at = head.end;
        int index = head.addField();
        System.arraycopy(name, 0, head.bytes, at, name.length);
        System.arraycopy(value, 0, head.bytes, at + name.length, value.length);
        head.nameStart[index] = at;
        head.nameEnd[index] = at + name.length;
        head.valueStart[index] = head.nameEnd[index];
        head.valueEnd[index] = head.valueStart[index] + value.length;
        head.field[index] = number;
        head.seen |= number == Field.OTHER ? 0 : 1L << number;
        head.end = head.valueEnd[index];
    }

    /** What is wrong with a request that asks for it. */
    public static Fault fault(RequestHead head) {
        if (head.version < 11) {
            return Fault.OLD;
        }
        if (head.contentLength != 0) {
            return Fault.BODY;
        }
        if (head.version == 11 && !names(head, CONNECTION, UPGRADE)) {
            return Fault.CONNECTION;
        }
        int version = only(head, VERSION_LOWERED);
        if (version < 0 || !Arrays.equals(value(head, version), VERSION)) {
            return Fault.VERSION;
        }
        int key = only(head, KEY);
        return key >= 0 && isKey(value(head, key)) ? Fault.NONE : Fault.KEY;
    }

    private static boolean isKey(byte[] text) {
        if (text.length != KEY_LENGTH) {
            return false;
        }
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /** What is wrong with an answer of status 101 to such a request (RFC 6455, section 4.1); empty: nothing. */
    public static String wrong(ResponseHead answer, RequestHead request) {
        if (!names(answer, UPGRADE, WEB_SOCKET)) {
            return "Upgrade does not name websocket";
        }
        if (!names(answer, CONNECTION, UPGRADE)) {
            return "Connection does not name Upgrade";
        }
        int told = only(answer, ACCEPT);
        int key = only(request, KEY);
        return told >= 0 && key >= 0 && Arrays.equals(value(answer, told), accept(value(request, key)))
                ? ""
                : "Sec-WebSocket-Accept is not the one for the request's key";
    }

    /** What a server that takes a handshake says in Sec-WebSocket-Accept. */
    public static byte[] accept(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(key);
            return Base64.getEncoder().encode(digest.digest(GUID));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Whether the field is between this client and us alone: a stream of HTTP/2 has no key (RFC 8441, section 5). */
    public static boolean isAccept(byte[] bytes, int nameStart, int nameEnd) {
        return Ascii.equalsLowered(bytes, nameStart, nameEnd, ACCEPT);
    }

    /** The number of the only field of that name; -1: there is none, or several. */
    private static int only(Head head, byte[] lowered) {
        int found = -1;
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] != Field.DROPPED
                    && Ascii.equalsLowered(head.bytes, head.nameStart[i], head.nameEnd[i], lowered)) {
                if (found >= 0) {
                    return -1;
                }
                found = i;
            }
        }
        return found;
    }

    private static byte[] value(Head head, int number) {
        return Arrays.copyOfRange(head.bytes, head.valueStart[number], head.valueEnd[number]);
    }

    /** Whether a list in fields of that name has the word. By name: one that Connection lists is known by no number. */
    private static boolean names(Head head, byte[] lowered, byte[] word) {
        for (int i = 0; i < head.fieldCount; i++) {
            if (Ascii.equalsLowered(head.bytes, head.nameStart[i], head.nameEnd[i], lowered)
                    && Lists.has(head.bytes, head.valueStart[i], head.valueEnd[i], word)) {
                return true;
            }
        }
        return false;
    }
}
