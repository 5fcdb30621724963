package terpan.tls;

import io.netty.internal.tcnative.Buffer;
import java.nio.ByteBuffer;

/** Memory outside of the heap that BoringSSL reads from and writes to for the time of one call. Belongs to one loop's thread. */
final class NativeBuffers {
    /** Plain bytes on the way out, ciphered ones on the way in. */
    final ByteBuffer from = ByteBuffer.allocateDirect(Records.MOST);

    /** What comes of them. */
    final ByteBuffer into = ByteBuffer.allocateDirect(Records.MOST);

    /** Where both lie: for {@link NativeConnection} alone. */
    final long fromAddress = Buffer.address(from);

    final long intoAddress = Buffer.address(into);
}
