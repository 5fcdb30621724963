package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import terpan.http.Ascii;
import terpan.http.Field;
import terpan.http.Method;
import terpan.http.PercentDecoder;
import terpan.http.PercentEncoder;
import terpan.http.RequestHead;
import terpan.link.ForwardedFields;
import terpan.link.Origin;

/**
 * Writes a request's environ dict. Inside a batch a key that came before is a marshal reference, and so is a value that equals
 * the key's first one of the batch: that halves the worker's reading. Belongs to the link's thread.
 */
final class NativeEnviron {
    private static final byte[] HTTP_11 = "HTTP/1.1".getBytes(US_ASCII);
    private static final byte[] HTTP_10 = "HTTP/1.0".getBytes(US_ASCII);
    private static final byte[] HTTP_20 = "HTTP/2.0".getBytes(US_ASCII);
    private static final byte[] LOCAL = "localhost".getBytes(US_ASCII);
    private static final byte[] PORT_HTTP = "80".getBytes(US_ASCII);
    private static final byte[] PORT_HTTPS = "443".getBytes(US_ASCII);
    private static final byte[] SLASH = {'/'};
    private static final byte[] ASTERISK = {'*'};
    private static final int SCRATCH = 8 * 1024;
    private static final boolean[] NOT_FORWARDED = new boolean[Field.COUNT];

    static {
        for (byte field : new byte[] {
            Field.HOST,
            Field.CONTENT_LENGTH,
            Field.TRANSFER_ENCODING,
            Field.CONNECTION,
            Field.KEEP_ALIVE,
            Field.PROXY_CONNECTION,
            Field.TE,
            Field.TRAILER,
            Field.UPGRADE,
            Field.EXPECT,
            Field.FORWARDED,
            Field.X_FORWARDED,
            Field.PRIVATE,
            Field.DROPPED
        }) {
            NOT_FORWARDED[field] = true;
        }
    }

    private final MarshalWriter out;
    private final NativeKeys keys;
    private final NativeKey[] keptKey = new NativeKey[RequestHead.FIELDS_MOST];
    private final int[] kept = new int[RequestHead.FIELDS_MOST];
    private final int[] nextSame = new int[RequestHead.FIELDS_MOST];
    private final byte[] digits = new byte[20];
    private byte[] scratch = new byte[SCRATCH];
    private long batch;
    private int references;

    /** Writes to that writer, with those keys, which are its alone. */
    NativeEnviron(MarshalWriter out, NativeKeys keys) {
        this.out = out;
        this.keys = keys;
    }

    /** A new marshal value begins: references start anew. */
    void newBatch() {
        batch++;
        references = 0;
    }

    /** Writes the dict of a request below that path, of that trace, with that many bytes of body, -1 when nobody knows. */
    void write(RequestHead head, Origin origin, byte[] script, byte[] trace, long bodyLength) {
        byte[] bytes = head.bytes;
        out.dict();
        put(keys.requestMethod, bytes, head.methodStart, head.methodEnd);
        path(head, script.length);
        if (script.length > 0) {
            put(keys.scriptName, script);
        }
        query(head);
        put(keys.serverProtocol, protocol(head.version));
        origin(origin);
        if (bodyLength > 0 || (bodyLength == 0 && head.has(Field.CONTENT_LENGTH))) {
            put(keys.contentLength, digits, 0, Ascii.appendDecimal(digits, 0, bodyLength));
        }
        if (head.hostStart >= 0) {
            put(keys.host, bytes, head.hostStart, head.hostEnd);
        }
        forwarded(head, origin.forwarded);
        if (trace.length > 0) {
            put(keys.traceparent, trace);
        }
        fields(head);
        out.dictEnd();
    }

    private static byte[] protocol(int version) {
        return switch (version) {
            case 10 -> HTTP_10;
            case 20 -> HTTP_20;
            default -> HTTP_11;
        };
    }

    private void origin(Origin origin) {
        boolean secure = origin.secure();
        put(keys.remoteAddress, origin.address);
        if (origin.port.length > 0) {
            put(keys.remotePort, origin.port);
        }
        put(keys.serverName, origin.serverName.length > 0 ? origin.serverName : LOCAL);
        put(keys.serverPort, origin.serverPort.length > 0 ? origin.serverPort : secure ? PORT_HTTPS : PORT_HTTP);
        put(keys.scheme, origin.scheme);
    }

    private void forwarded(RequestHead head, ForwardedFields fields) {
        for (int i = 0; i < fields.count(); i++) {
            int number = fields.numberAt(i);
            if (number == ForwardedFields.FORWARDED && fields.hasHostInForwarded() && head.hostStart >= 0) {
                putWithHost(head, fields.valueAt(i));
            } else {
                put(keys.forwarded[number], fields.valueAt(i));
            }
        }
        if (fields.hasOwnHost() && head.hostStart >= 0) {
            put(keys.forwarded[ForwardedFields.HOST], head.bytes, head.hostStart, head.hostEnd);
        }
    }

    private void putWithHost(RequestHead head, byte[] value) {
        byte[] whole = scratch(value.length + ForwardedFields.HOST_PARAMETER_MOST + head.hostEnd - head.hostStart);
        System.arraycopy(value, 0, whole, 0, value.length);
        int end = ForwardedFields.hostParameter(head, whole, value.length);
        put(keys.forwarded[ForwardedFields.FORWARDED], whole, 0, end);
    }

    /** What is below so many bytes of it. */
    private void path(RequestHead head, int below) {
        if (head.pathMissing) {
            boolean asterisk = head.method == Method.OPTIONS && head.queryStart < 0;
            put(keys.pathInfo, asterisk ? ASTERISK : SLASH);
        } else if (head.pathEscaped) {
            byte[] decoded = scratch(head.pathEnd - head.pathStart);
            int length = PercentDecoder.decode(head.bytes, head.pathStart, head.pathEnd, decoded, 0);
            if (length < 0) {
                throw new IllegalStateException("a path with a bad escape was let through");
            }
            put(keys.pathInfo, decoded, below, length);
        } else {
            put(keys.pathInfo, head.bytes, head.pathStart + below, head.pathEnd);
        }
    }

    /** An empty query is among the worker's constants. */
    private void query(RequestHead head) {
        if (head.targetRaw && head.queryStart >= 0) {
            byte[] escaped = scratch(PercentEncoder.GROWTH * (head.queryEnd - head.queryStart));
            int end = PercentEncoder.encode(head.bytes, head.queryStart, head.queryEnd, escaped, 0);
            put(keys.queryString, escaped, 0, end);
        } else if (head.queryStart >= 0 && head.queryEnd > head.queryStart) {
            put(keys.queryString, head.bytes, head.queryStart, head.queryEnd);
        }
    }

    private void fields(RequestHead head) {
        long request = keys.nextRequest();
        int count = 0;
        for (int i = 0; i < head.fieldCount; i++) {
            if (NOT_FORWARDED[head.field[i]]) {
                continue;
            }
            NativeKey key = keys.of(head.bytes, head.nameStart[i], head.nameEnd[i]);
            nextSame[i] = -1;
            if (key.request == request) {
                nextSame[key.lastField] = i;
            } else {
                key.request = request;
                keptKey[count] = key;
                kept[count++] = i;
            }
            key.lastField = i;
        }
        for (int k = 0; k < count; k++) {
            int i = kept[k];
            if (nextSame[i] < 0) {
                put(keptKey[k], head.bytes, head.valueStart[i], head.valueEnd[i]);
            } else {
                putMerged(keptKey[k], head, i);
            }
        }
    }

    private void putMerged(NativeKey key, RequestHead head, int first) {
        boolean cookie = head.field[first] == Field.COOKIE;
        int length = 0;
        for (int i = first; i >= 0; i = nextSame[i]) {
            byte[] merged = scratch(length + 2 + head.valueEnd[i] - head.valueStart[i]);
            if (i != first) {
                merged[length++] = (byte) (cookie ? ';' : ',');
                merged[length++] = ' ';
            }
            System.arraycopy(head.bytes, head.valueStart[i], merged, length, head.valueEnd[i] - head.valueStart[i]);
            length += head.valueEnd[i] - head.valueStart[i];
        }
        put(key, scratch, 0, length);
    }

    private void put(NativeKey key, byte[] value) {
        put(key, value, 0, value.length);
    }

    private void put(NativeKey key, byte[] bytes, int start, int end) {
        putKey(key);
        int at = out.end;
        out.text(bytes, start, end);
        int length = out.end - at;
        if (key.valueBatch != batch) {
            key.valueBatch = batch;
            key.valueStart = at;
            key.valueLength = length;
            key.valueReference = references++;
            out.bytes[at] |= (byte) MarshalWriter.FLAG;
        } else if (length == key.valueLength && length > 5 && sameValue(key.valueStart, at, length)) {
            out.end = at;
            out.reference(key.valueReference);
        }
    }

    /** The type byte differs by the flag of the first one. */
    private boolean sameValue(int first, int second, int length) {
        return Arrays.equals(out.bytes, first + 1, first + length, out.bytes, second + 1, second + length);
    }

    private void putKey(NativeKey key) {
        if (key.batch == batch) {
            out.reference(key.reference);
            return;
        }
        key.batch = batch;
        key.reference = references++;
        int at = out.end;
        out.raw(key.marshal, 0, key.marshal.length);
        out.bytes[at] |= (byte) MarshalWriter.FLAG;
    }

    private byte[] scratch(int length) {
        if (scratch.length < length) {
            scratch = Arrays.copyOf(scratch, Math.max(length, scratch.length * 2));
        }
        return scratch;
    }
}
