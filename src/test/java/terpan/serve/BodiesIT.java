package terpan.serve;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bodies and answers of 256 MiB that the front may not hold in memory, with a slow peer at either end; {@code
 * -Dterpan.large=true} makes them 1 GiB.
 */
@Timeout(600)
final class BodiesIT {
    private static final long LENGTH = Boolean.getBoolean("terpan.large") ? 1L << 30 : 256L << 20;
    private static final long MEMORY_MOST = 200L << 20;
    private static final int PIECE = 1 << 20;

    /** A pause after each MiB: about 100 MiB a second at most, and far less with the work. */
    private static final long PAUSE_NANOS = 10_000_000;

    private static final String PAUSE_SECONDS = "0.0005";

    /** The application's pattern: 64 KiB, the same over and over. */
    private static final byte[] PATTERN = pattern();

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = {"BUILTIN", "BUILTIN_TWO_LOOPS", "WAITRESS"})
    void allWaysWithASlowPeerAtEitherEndPassInBoundedMemory(Setup setup) throws Exception {
        try (RunningTerpan terpan = setup.serve("--max-body", "2GiB")) {
            uploads(terpan, "/body", PAUSE_NANOS);
            uploads(terpan, "/body?pause=0.01", 0);
            downloads(terpan, "/download?bytes=" + LENGTH, PAUSE_NANOS);
            downloads(terpan, "/download?chunks=1&bytes=" + LENGTH + "&pause=" + PAUSE_SECONDS, 0);
            assertThat(Processes.peakMemory(terpan.pid())).isLessThan(MEMORY_MOST);
        }
    }

    private static void uploads(RunningTerpan terpan, String target, long pause) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Connection connection = terpan.connect()) {
            connection.ask("POST", target, "Content-Length: " + LENGTH);
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
            for (long sent = 0; sent < LENGTH; sent += PIECE) {
                fill(piece, sent);
                digest.update(piece.duplicate());
                connection.send(piece);
                rest(pause);
            }
            assertThat(connection.read().body())
                    .isEqualTo(LENGTH + " " + HexFormat.of().formatHex(digest.digest()));
        }
    }

    private static void downloads(RunningTerpan terpan, String target, long pause) throws IOException {
        try (Connection connection = terpan.connect()) {
            Answer head = connection.ask("GET", target).readHead();
            assertThat(head.status()).isEqualTo(200);
            InputStream body = connection.body(head);
            byte[] piece = new byte[PATTERN.length];
            long received = 0;
            while (received < LENGTH) {
                assertThat(body.readNBytes(piece, 0, piece.length)).isEqualTo(piece.length);
                assertThat(java.util.Arrays.equals(piece, PATTERN))
                        .as("what came after byte " + received)
                        .isTrue();
                received += piece.length;
                if (received % PIECE == 0) {
                    rest(pause);
                }
            }
            assertThat(body.read()).as("the end after " + LENGTH).isNegative();
        }
    }

    /** Different in every piece, so that none can be lost or swapped unseen. */
    private static void fill(ByteBuffer piece, long position) {
        piece.clear();
        byte[] start = Long.toString(position).getBytes(US_ASCII);
        piece.put(start);
        piece.put(PATTERN, start.length, PATTERN.length - start.length);
        while (piece.hasRemaining()) {
            piece.put(PATTERN);
        }
        piece.flip();
    }

    private static void rest(long nanos) {
        if (nanos > 0) {
            LockSupport.parkNanos(nanos);
        }
    }

    private static byte[] pattern() {
        byte[] bytes = new byte[1 << 16];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
