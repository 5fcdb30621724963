package terpan.attached;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import terpan.config.Address;
import terpan.config.Attach;

/**
 * One look at an address: a connection, and where there is a check path a request that has to be answered with 2xx or 3xx. Blocks a
 * virtual thread of its own, until it is cancelled at the latest.
 */
final class Probe {
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])[ \r]");
    private static final int STATUS_LINE_LEAST = "HTTP/1.1 200 ".length();

    /** A server that is not listened to until it has said all would write of a broken pipe. */
    private static final int ANSWER_MOST = 64 * 1024;

    /** Hears how it was; on the probe's thread. */
    interface Result {
        void passed(String what);

        void failed(Fault fault, String why);
    }

    private final SocketAddress address;
    private final Attach worker;
    private final Result result;
    private final AtomicReference<@Nullable SocketChannel> open = new AtomicReference<>();
    private volatile boolean connected;
    private volatile boolean cancelled;

    private Probe(SocketAddress address, Attach worker, Result result) {
        this.address = address;
        this.worker = worker;
        this.result = result;
    }

    static Probe start(SocketAddress address, Attach worker, Result result) {
        Probe probe = new Probe(address, worker, result);
        Thread.ofVirtual().name("terpan-probe").start(probe::run);
        return probe;
    }

    private void run() {
        try (SocketChannel channel = open()) {
            channel.connect(address);
            // Where nobody listens, the system may have given this socket the very port that it asks for.
            if (address.equals(channel.getLocalAddress())) {
                throw new ConnectException("it was connected to itself: nobody listens there");
            }
            connected = true;
            Optional<Attach.Check> check = worker.check();
            if (check.isEmpty()) {
                result.passed("it takes connections");
            } else {
                ask(channel, check.get().path());
            }
        } catch (IOException | UnsupportedOperationException broken) {
            result.failed(connected ? Fault.CHECK : Fault.CONNECT, String.valueOf(broken.getMessage()));
        }
    }

    private SocketChannel open() throws IOException {
        SocketChannel channel = address instanceof java.net.UnixDomainSocketAddress
                ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        open.set(channel);
        if (cancelled) {
            channel.close();
        }
        return channel;
    }

    private void ask(SocketChannel channel, String path) throws IOException {
        channel.write(ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: " + host()
                        + "\r\nUser-Agent: terpan-check\r\nAccept: */*\r\nConnection: close\r\n\r\n")
                .getBytes(US_ASCII)));
        ByteBuffer answer = ByteBuffer.allocate(ANSWER_MOST);
        while (answer.hasRemaining() && channel.read(answer) >= 0) {}
        int length = Math.min(answer.position(), STATUS_LINE_LEAST);
        Matcher status = STATUS_LINE.matcher(new String(answer.array(), 0, length, ISO_8859_1));
        if (!status.lookingAt()) {
            result.failed(Fault.CHECK, path + " was not answered with HTTP");
        } else if (status.group(1).charAt(0) == '2' || status.group(1).charAt(0) == '3') {
            result.passed(path + " was answered with " + status.group(1));
        } else {
            result.failed(Fault.CHECK, path + " was answered with " + status.group(1));
        }
    }

    /** As a request of a client that calls the worker itself. */
    private String host() {
        return worker.address() instanceof Address.Tcp tcp ? tcp.toString() : "localhost";
    }

    /** Whether there was a connection; from any thread. */
    boolean isConnected() {
        return connected;
    }

    /** Ends it; from any thread. Its result is of no use any more. */
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
