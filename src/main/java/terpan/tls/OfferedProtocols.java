package terpan.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The protocols that a client offers by ALPN (RFC 7301, section 3.1), read out of its first message, for BoringSSL tells only which one is taken.
 * What is no such message offers none: BoringSSL judges it.
 */
final class OfferedProtocols {
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;

    /** As long as BoringSSL takes. */
    private static final int MOST = 16 * 1024 + MESSAGE_HEADER;

    private static final int VERSION_AND_RANDOM = 34;
    private static final int ALPN = 16;

    private byte[] message = {};

    /** Takes the next record of the client's first flight. */
    void add(byte[] bytes, int offset, int length) {
        int count = Math.min(length - RECORD_HEADER, MOST - message.length);
        if (count > 0) {
            int before = message.length;
            message = Arrays.copyOf(message, before + count);
            System.arraycopy(bytes, offset + RECORD_HEADER, message, before, count);
        }
    }

    /** What it offers; empty: nothing is said of protocols. To be called once, with the whole message there. */
    Optional<List<String>> read() {
        ByteBuffer hello = ByteBuffer.wrap(message);
        message = new byte[0];
        try {
            skip(hello, MESSAGE_HEADER + VERSION_AND_RANDOM);
            skip(hello, Byte.toUnsignedInt(hello.get())); // the session
            skip(hello, Short.toUnsignedInt(hello.getShort())); // suites
            skip(hello, Byte.toUnsignedInt(hello.get())); // compressions
            ByteBuffer extensions = part(hello, Short.toUnsignedInt(hello.getShort()));
            while (extensions.hasRemaining()) {
                int kind = Short.toUnsignedInt(extensions.getShort());
                ByteBuffer extension = part(extensions, Short.toUnsignedInt(extensions.getShort()));
                if (kind == ALPN) {
                    return Optional.of(names(part(extension, Short.toUnsignedInt(extension.getShort()))));
                }
            }
            return Optional.empty();
        } catch (BufferUnderflowException none) {
            return Optional.empty();
        }
    }

    private static List<String> names(ByteBuffer list) {
        List<String> names = new ArrayList<>();
        while (list.hasRemaining()) {
            names.add(ISO_8859_1
                    .decode(part(list, Byte.toUnsignedInt(list.get())))
                    .toString());
        }
        return names;
    }

    private static void skip(ByteBuffer bytes, int count) {
        part(bytes, count);
    }

    private static ByteBuffer part(ByteBuffer bytes, int count) {
        if (count > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        return part;
    }
}
