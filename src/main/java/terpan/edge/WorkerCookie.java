package terpan.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import terpan.http.Field;
import terpan.http.RequestHead;

/**
 * The cookie that names a client's worker: the key of the worker's slot with a signature (HMAC-SHA256) that only we can make, in base 64.
 * What is not ours to the last byte is no cookie. Workers never see it. One for each loop, on its thread.
 */
final class WorkerCookie {
    private static final String ATTRIBUTES = "; Path=/; HttpOnly; SameSite=Lax";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE_BYTES = 16;
    private static final int VALUE_BYTES = (Long.BYTES + SIGNATURE_BYTES) * 4 / 3;

    /** Workers that one loop has met; more than there ever are at once. */
    private static final int KNOWN_MOST = 4_096;

    private final Mac mac;
    private final byte[] begin;

    /** Values by key, of workers that there are or were: not of what a client made up. */
    private final Map<Long, byte[]> known = new HashMap<>();

    private final byte[] given = new byte[VALUE_BYTES];

    WorkerCookie(StickyCookie cookie) {
        begin = (cookie.name() + "=").getBytes(US_ASCII);
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(cookie.key());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
        }
    }

    /** The key that the client's cookie holds, which is taken out of the head; 0 without one, or when it is not ours. */
    long take(RequestHead head) {
        long key = 0;
        for (int i = 0; i < head.fieldCount; i++) {
            if (head.field[i] == Field.COOKIE) {
                long found = take(head, i);
                key = key == 0 ? found : key;
            }
        }
        return key;
    }

    /** Goes through the pairs of one line; those behind ours move up, so that what is kept stays as it was written. */
    private long take(RequestHead head, int field) {
        byte[] bytes = head.bytes;
        int from = head.valueStart[field];
        int to = head.valueEnd[field];
        long key = 0;
        int kept = from;
        for (int at = from; at < to; ) {
            int end = at;
            while (end < to && bytes[end] != ';') {
                end++;
            }
            int start = at;
            while (start < end && bytes[start] == ' ') {
                start++;
            }
            if (isOurs(bytes, start, end)) {
                long found = key(bytes, start + begin.length, end);
                key = key == 0 ? found : key;
            } else if (!isAnothers(bytes, start, end)) {
                int piece = kept == from ? start : at - 1;
                System.arraycopy(bytes, piece, bytes, kept, end - piece);
                kept += end - piece;
            }
            at = end + 1;
        }
        head.valueEnd[field] = kept;
        if (kept == from && to > from) {
            head.field[field] = Field.DROPPED;
        }
        return key;
    }

    /** Whether it is that of another application of this host: no worker sees any. */
    private static boolean isAnothers(byte[] bytes, int from, int to) {
        int length = StickyCookie.FAMILY.length;
        return to - from > length
                && Arrays.equals(bytes, from, from + length, StickyCookie.FAMILY, 0, length)
                && (bytes[from + length] == '=' || bytes[from + length] == '_');
    }

    private boolean isOurs(byte[] bytes, int from, int to) {
        if (to - from < begin.length) {
            return false;
        }
        for (int i = 0; i < begin.length; i++) {
            if (bytes[from + i] != begin[i]) {
                return false;
            }
        }
        return true;
    }

    private long key(byte[] bytes, int from, int to) {
        if (to - from != VALUE_BYTES) {
            return 0;
        }
        System.arraycopy(bytes, from, given, 0, VALUE_BYTES);
        long key;
        try {
            key = ByteBuffer.wrap(Base64.getUrlDecoder().decode(given)).getLong();
        } catch (IllegalArgumentException notBase64) {
            return 0;
        }
        byte[] right = known.get(key);
        boolean isNew = right == null;
        if (right == null) {
            right = signed(key);
        }
        if (!MessageDigest.isEqual(right, given)) {
            return 0;
        }
        if (isNew) {
            remember(key, right);
        }
        return key;
    }

    private void remember(long key, byte[] value) {
        if (known.size() >= KNOWN_MOST) {
            known.clear();
        }
        known.put(key, value);
    }

    private byte[] signed(long key) {
        byte[] plain = ByteBuffer.allocate(Long.BYTES).putLong(key).array();
        byte[] whole = ByteBuffer.allocate(Long.BYTES + SIGNATURE_BYTES)
                .put(plain)
                .put(mac.doFinal(plain), 0, SIGNATURE_BYTES)
                .array();
        return Base64.getUrlEncoder().encode(whole);
    }

    /** The value of Set-Cookie for a worker's key: until the browser is closed, and over TLS alone if it came so. */
    byte[] field(long key, boolean secure) {
        byte[] value = known.get(key);
        if (value == null) {
            value = signed(key);
            remember(key, value);
        }
        String text =
                new String(begin, US_ASCII) + new String(value, US_ASCII) + ATTRIBUTES + (secure ? "; Secure" : "");
        return text.getBytes(US_ASCII);
    }
}
