package terpan.certificate;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/** As much of DER (X.690) as it takes to write traditional keys as PKCS#8 (RFC 5958), certificates and requests for them. */
final class Der {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTETS = 0x04;
    static final int OBJECT = 0x06;
    static final int SEQUENCE = 0x30;
    /** The parameters of an EC key (RFC 5915, section 3). */
    static final int FIRST_TAGGED = 0xa0;
    /** The public key that belongs to it (RFC 5915, section 3). */
    static final int SECOND_TAGGED = 0xa1;

    private static final int LENGTH_BYTES_MOST = 3;
    private static final int SHORT_LENGTH_MOST = 0x7f;

    private Der() {}

    /** An element with this content. */
    static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.write(part, 0, part.length);
        }
        int length = content.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length <= SHORT_LENGTH_MOST) {
            out.write(length);
        } else {
            // DER wants the shortest form of a length.
            int bytes = length > 0xffff ? 3 : length > 0xff ? 2 : 1;
            out.write(0x80 | bytes);
            for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                out.write(length >> shift);
            }
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    /** The whole first element with this tag inside an element. */
    static Optional<byte[]> child(byte[] element, int tag) {
        int at = contentStart(element, 0);
        while (at > 0 && at < element.length) {
            int start = contentStart(element, at);
            int end = start < 0 ? -1 : start + length(element, at);
            if (end < 0 || end > element.length) {
                return Optional.empty();
            }
            if ((element[at] & 0xff) == tag) {
                return Optional.of(Arrays.copyOfRange(element, at, end));
            }
            at = end;
        }
        return Optional.empty();
    }

    /** What is inside an element. */
    static byte[] content(byte[] element) {
        int start = contentStart(element, 0);
        return start < 0 ? new byte[0] : Arrays.copyOfRange(element, start, element.length);
    }

    private static int contentStart(byte[] bytes, int at) {
        if (at + 2 > bytes.length) {
            return -1;
        }
        int first = bytes[at + 1] & 0xff;
        int more = first <= SHORT_LENGTH_MOST ? 0 : first & SHORT_LENGTH_MOST;
        return more > LENGTH_BYTES_MOST || at + 2 + more > bytes.length ? -1 : at + 2 + more;
    }

    private static int length(byte[] bytes, int at) {
        int start = contentStart(bytes, at);
        if (start == at + 2) {
            return bytes[at + 1] & 0xff;
        }
        int length = 0;
        for (int i = at + 2; i < start; i++) {
            length = length << 8 | bytes[i] & 0xff;
        }
        return length;
    }
}
