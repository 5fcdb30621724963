package terpan.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks a worker's readiness path over its data socket, again and again, until it is answered below 500 or nobody wants to know
 * any more. Owns a virtual thread; the supervisor's start timeout bounds it.
 */
final class ReadinessProbe {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int STATUS_LINE_LEAST = "HTTP/1.1 200".length();

    private final SocketAddress address;
    private final String secretLine;
    private final String path;
    private final Runnable passed;
    private final AtomicReference<@Nullable SocketChannel> open = new AtomicReference<>();
    private volatile boolean cancelled;

    private ReadinessProbe(SocketAddress address, String secret, String path, Runnable passed) {
        this.address = address;
        this.secretLine = secret.isEmpty() ? "" : "X-Terpan-Secret: " + secret + "\r\n";
        this.path = path;
        this.passed = passed;
    }

    /** {@code passed} runs once, on the probe's thread. */
    static ReadinessProbe start(SocketAddress address, String secret, String path, Runnable passed) {
        ReadinessProbe probe = new ReadinessProbe(address, secret, path, passed);
        Thread.ofVirtual().name("terpan-readiness").start(probe::run);
        return probe;
    }

    private void run() {
        try {
            while (!cancelled) {
                if (isAnsweredBelow500()) {
                    passed.run();
                    return;
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAnsweredBelow500() {
        try (SocketChannel channel = SocketChannel.open(address)) {
            open.set(channel);
            channel.write(ByteBuffer.wrap(("GET " + path
                            + " HTTP/1.1\r\nHost: localhost\r\nX-Terpan-Origin: - - http localhost 80 -\r\n"
                            + secretLine
                            + "Connection: close\r\n\r\n")
                    .getBytes(US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(STATUS_LINE_LEAST);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            return !answer.hasRemaining() && answer.get("HTTP/1.1 ".length()) < '5';
        } catch (IOException refused) {
            return false; // asked again, until the start timeout
        } finally {
            open.set(null);
        }
    }

    /** Ends it; from any thread. */
    void cancel() {
        cancelled = true;
        SocketChannel channel = open.get();
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException closed) {
                // It is of no use to us any more either way.
            }
        }
    }
}
