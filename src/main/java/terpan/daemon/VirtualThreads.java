package terpan.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Has the JDK make what virtual threads wait with, on sockets and on clocks, while there are descriptors and threads for it. It is made at
 * their first wait, once for all: if that failed, no virtual thread could ever wait on a socket, and operators would not be answered any more.
 */
final class VirtualThreads {
    private static final Duration WAIT = Duration.ofMillis(50);

    private VirtualThreads() {}

    /** Returns at once. */
    static void prepare() {
        try {
            Pipe pipe = Pipe.open();
            Thread.ofVirtual().name("terpan-prepares").start(() -> read(pipe.source()));
            Thread.ofVirtual().name("terpan-prepares").start(() -> closeSoon(pipe.sink()));
        } catch (IOException | OutOfMemoryError exhausted) {
            LoggerFactory.getLogger(VirtualThreads.class)
                    .atWarn()
                    .addKeyValue("reason", exhausted.getMessage())
                    .log("operators may not be answered: there are too few descriptors or threads from the start");
        }
    }

    private static void read(Pipe.SourceChannel source) {
        try (source) {
            int end = source.read(ByteBuffer.allocate(1));
            assert end < 0;
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static void closeSoon(Pipe.SinkChannel sink) {
        try (sink) {
            Thread.sleep(WAIT);
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
