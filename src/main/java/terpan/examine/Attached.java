package terpan.examine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import terpan.config.Address;
import terpan.config.Attach;

/** Whether a worker that someone else runs is where the settings say: a mistyped name is found before anybody waits for it. */
final class Attached {
    private static final String SUBJECT = "attached";
    private static final Duration LOOKUP_MOST = Duration.ofSeconds(5);

    private Attached() {}

    /** What is found at a worker's address, in the time for a connect. */
    static Finding look(Attach worker, Duration connectTimeout) {
        return switch (worker.address()) {
            case Address.Unix(Path path) -> unix(worker, path);
            case Address.Tcp(String host, int port) -> tcp(worker, host, port, connectTimeout);
        };
    }

    private static Finding unix(Attach worker, Path path) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            return reached(worker);
        } catch (IOException nobody) {
            return notReached(worker, String.valueOf(nobody.getMessage()));
        }
    }

    private static Finding tcp(Attach worker, String host, int port, Duration connectTimeout) {
        String last = "";
        try {
            for (InetAddress address : lookUp(host)) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), (int) connectTimeout.toMillis());
                    return reached(worker);
                } catch (IOException nobody) {
                    last = address.getHostAddress() + ": " + nobody.getMessage();
                }
            }
            return notReached(worker, last);
        } catch (UnknownHostException unknown) {
            return Finding.problem(
                    SUBJECT,
                    worker.address() + ": the name leads nowhere: " + unknown.getMessage(),
                    "see that it is written right, and known to this machine");
        }
    }

    /** The system may take very long over it, and can not be told to stop. */
    private static List<InetAddress> lookUp(String host) throws UnknownHostException {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("terpan-lookup").start(() -> {
            try {
                found.complete(List.of(InetAddress.getAllByName(host)));
            } catch (UnknownHostException unknown) {
                found.completeExceptionally(unknown);
            }
        });
        try {
            return found.get(LOOKUP_MOST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof UnknownHostException unknown
                    ? unknown
                    : new UnknownHostException(String.valueOf(failed.getMessage()));
        } catch (TimeoutException late) {
            throw new UnknownHostException("nobody says within " + LOOKUP_MOST.toSeconds() + " s where it is");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException("interrupted");
        }
    }

    private static Finding reached(Attach worker) {
        return Finding.ok(SUBJECT, worker.address() + " takes connections");
    }

    private static Finding notReached(Attach worker, String why) {
        return Finding.warning(
                SUBJECT,
                worker.address() + " is not reached: " + why,
                "start what should listen there; requests wait for it, or go to other workers");
    }
}
