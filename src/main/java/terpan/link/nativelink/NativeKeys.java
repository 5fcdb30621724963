package terpan.link.nativelink;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import terpan.http.Ascii;
import terpan.link.ForwardedFields;

/**
 * Finds the environ key of a field's name. Common names are always known; others are kept in a bounded table in which a new
 * one takes the place of one that the current request does not use. Only common names are marked as interned: some Pythons
 * never free an interned str, and clients choose names. Belongs to the link's thread.
 */
final class NativeKeys {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOWER = 0x2020202020202020L;
    private static final long MULTIPLIER = 0x9e3779b97f4a7c15L;
    private static final int BUCKETS = 1024;
    private static final int LEARNED_MOST = 512;
    private static final int LEARNED_BYTES_MOST = 128 * 1024;
    private static final List<String> COMMON = List.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "access-control-request-headers",
            "access-control-request-method",
            "authorization",
            "cache-control",
            "content-encoding",
            "content-language",
            "cookie",
            "date",
            "dnt",
            "from",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "origin",
            "pragma",
            "priority",
            "range",
            "referer",
            "sec-ch-ua",
            "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
            "sec-fetch-user",
            "sec-gpc",
            "traceparent",
            "tracestate",
            "upgrade-insecure-requests",
            "user-agent",
            "via",
            "x-csrftoken",
            "x-real-ip",
            "x-request-id",
            "x-requested-with");

    final NativeKey requestMethod = fixed("REQUEST_METHOD");
    final NativeKey pathInfo = fixed("PATH_INFO");
    final NativeKey scriptName = fixed("SCRIPT_NAME");
    final NativeKey queryString = fixed("QUERY_STRING");
    final NativeKey serverProtocol = fixed("SERVER_PROTOCOL");
    final NativeKey remoteAddress = fixed("REMOTE_ADDR");
    final NativeKey remotePort = fixed("REMOTE_PORT");
    final NativeKey serverName = fixed("SERVER_NAME");
    final NativeKey serverPort = fixed("SERVER_PORT");
    final NativeKey scheme = fixed("wsgi.url_scheme");
    final NativeKey contentLength = fixed("CONTENT_LENGTH");
    final NativeKey host = fixed("HTTP_HOST");
    final NativeKey traceparent = fixed("HTTP_TRACEPARENT");

    /** By the numbers of {@link ForwardedFields}. */
    final NativeKey[] forwarded = new NativeKey[ForwardedFields.KINDS];

    private final long seed;
    private final @Nullable NativeKey[] buckets = new NativeKey[BUCKETS];
    private final NativeKey[] learned = new NativeKey[LEARNED_MOST];
    private int learnedCount;
    private int learnedBytes;
    private int hand;
    private long request;

    /** Makes the table; the seed keeps clients from choosing names that fall into one bucket. */
    NativeKeys(long seed) {
        this.seed = seed;
        for (String name : COMMON) {
            keep(name, "HTTP_" + environName(name));
        }
        keep("content-type", "CONTENT_TYPE");
        for (int number = 0; number < forwarded.length; number++) {
            forwarded[number] = fixed("HTTP_" + environName(ForwardedFields.name(number)));
        }
    }

    /** Begins a request and gives its number, which is never given again. */
    long nextRequest() {
        return ++request;
    }

    /** The key of a field's name, which consists of token characters. */
    NativeKey of(byte[] bytes, int start, int end) {
        int hash = hash(bytes, start, end);
        for (NativeKey key = buckets[hash & (BUCKETS - 1)]; key != null; key = key.next) {
            if (key.hash == hash && Ascii.equalsLowered(bytes, start, end, key.name)) {
                return key;
            }
        }
        return learn(bytes, start, end, hash);
    }

    private NativeKey learn(byte[] bytes, int start, int end, int hash) {
        byte[] name = new byte[end - start];
        for (int i = 0; i < name.length; i++) {
            name[i] = Ascii.lower(bytes[start + i]);
        }
        while (learnedCount == LEARNED_MOST || (learnedCount > 0 && learnedBytes + name.length > LEARNED_BYTES_MOST)) {
            if (!forgetOne()) {
                break;
            }
        }
        NativeKey key = new NativeKey(name, hash, marshal("HTTP_" + environName(name), false));
        learned[learnedCount++] = key;
        learnedBytes += name.length;
        insert(key);
        return key;
    }

    /** Takes one learned key out that the current request does not use; a request has fewer fields than there are places. */
    private boolean forgetOne() {
        for (int tries = learnedCount; tries > 0; tries--) {
            hand = hand + 1 < learnedCount ? hand + 1 : 0;
            NativeKey key = learned[hand];
            if (key.request != request) {
                learned[hand] = learned[--learnedCount];
                learnedBytes -= key.name.length;
                remove(key);
                return true;
            }
        }
        return false;
    }

    private void insert(NativeKey key) {
        key.next = buckets[key.hash & (BUCKETS - 1)];
        buckets[key.hash & (BUCKETS - 1)] = key;
    }

    private void remove(NativeKey key) {
        NativeKey before = buckets[key.hash & (BUCKETS - 1)];
        if (before == key) {
            buckets[key.hash & (BUCKETS - 1)] = key.next;
            return;
        }
        while (before != null) {
            if (before.next == key) {
                before.next = key.next;
                return;
            }
            before = before.next;
        }
    }

    private void keep(String name, String environ) {
        byte[] bytes = name.getBytes(US_ASCII);
        insert(new NativeKey(bytes, hash(bytes, 0, bytes.length), marshal(environ, true)));
    }

    private static NativeKey fixed(String environ) {
        return new NativeKey(new byte[0], 0, marshal(environ, true));
    }

    private static String environName(byte[] name) {
        return environName(new String(name, US_ASCII));
    }

    private static String environName(String name) {
        return name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }

    private static byte[] marshal(String key, boolean interned) {
        byte[] text = key.getBytes(US_ASCII);
        MarshalWriter writer = new MarshalWriter(text.length + 5);
        writer.text(text, 0, text.length);
        if (interned) {
            writer.bytes[0] = 'Z';
        }
        return java.util.Arrays.copyOf(writer.bytes, writer.end);
    }

    private int hash(byte[] bytes, int start, int end) {
        long hash = seed + (end - start);
        int i = start;
        for (; i <= end - 8; i += 8) {
            hash = mix(hash ^ ((long) LONGS.get(bytes, i) | LOWER));
        }
        long tail = 0;
        for (; i < end; i++) {
            tail = (tail << 8) | (bytes[i] | 0x20);
        }
        return (int) (mix(hash ^ tail) >>> 20);
    }

    private static long mix(long value) {
        long product = value * MULTIPLIER;
        return product ^ (product >>> 32);
    }
}
