package terpan.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Hands a text of ours to BoringSSL: as memory that it reads once, and that is wiped behind it, for it may be a key. */
final class NativeMemory {
    private NativeMemory() {}

    /** What is done with the text: gets a handle that is good for the time of the call. */
    interface Reader<T> {
        T read(long bio) throws Exception;
    }

    /**
     * Has it read.
     *
     * @throws IllegalStateException BoringSSL does not take it; with why
     */
    static <T> T read(String pem, Reader<T> reader) {
        byte[] text = pem.getBytes(US_ASCII);
        ByteBuffer direct = ByteBuffer.allocateDirect(text.length).put(text);
        try {
            long bio = SSL.newMemBIO();
            try {
                if (SSL.bioWrite(bio, Buffer.address(direct), text.length) != text.length) {
                    throw new IllegalStateException("there is no memory for it");
                }
                return reader.read(bio);
            } finally {
                SSL.freeBIO(bio); // no connection has it
            }
        } catch (RuntimeException known) {
            throw known;
        } catch (Exception refused) {
            SSL.clearError();
            throw new IllegalStateException("BoringSSL does not take it: " + refused.getMessage(), refused);
        } finally {
            direct.put(0, new byte[text.length]);
            Arrays.fill(text, (byte) 0);
        }
    }
}
