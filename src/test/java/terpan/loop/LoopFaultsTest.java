package terpan.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with one connection, or in one task, costs the loop nothing. */
@Timeout(20)
final class LoopFaultsTest {
    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<Wire> accepted = new LinkedBlockingQueue<>();
    private volatile Runnable beforeAccept = () -> {};
    private volatile Runnable onAccept = () -> {};
    private UnixDomainSocketAddress address;
    private ServerSocketChannel listener;
    private NioLoop loop;

    @BeforeEach
    void start() throws Exception {
        address = UnixDomainSocketAddress.of(folder.resolve("s"));
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        loop = new NioLoop(0);
        loop.start();
        CompletableFuture<Acceptor> acceptor = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                acceptor.complete(Acceptor.start(loop, List.of(loop), listener, new Accepting()));
            } catch (IOException failed) {
                acceptor.completeExceptionally(failed);
            }
        });
        acceptor.get(10, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        assertTurns();
        loop.stop();
        listener.close();
    }

    private void assertTurns() throws Exception {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        loop.execute(() -> turn.complete(null));
        turn.get(10, TimeUnit.SECONDS);
    }

    /** As idle connections are, to make room for others. */
    @Test
    void aConnectionThatIsClosedForAnotherWhileItHasSomethingToSay() throws Exception {
        try (SocketChannel idle = SocketChannel.open(address)) {
            Wire wire = accepted.poll(10, TimeUnit.SECONDS);
            CountDownLatch both = new CountDownLatch(1);
            loop.execute(() -> await(both));
            beforeAccept = wire::close;
            try (SocketChannel next = SocketChannel.open(address)) {
                idle.write(ByteBuffer.wrap(new byte[] {'x'}));
                both.countDown();
                assertThat(accepted.poll(10, TimeUnit.SECONDS)).isNotNull();
                assertThat(next.isOpen()).isTrue();
                assertTurns();
            }
        }
    }

    @Test
    void aConnectionThatFailsAsItIsAcceptedIsClosedAndTheNextIsServed() throws Exception {
        onAccept = () -> {
            throw new IllegalStateException("a fault");
        };
        try (SocketChannel first = SocketChannel.open(address)) {
            assertThat(first.read(ByteBuffer.allocate(1))).isNegative();
        }
        onAccept = () -> {};
        try (SocketChannel second = SocketChannel.open(address)) {
            assertThat(accepted.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(second.isOpen()).isTrue();
        }
    }

    @Test
    void aFaultBeforeAcceptingIsAPause() throws Exception {
        beforeAccept = () -> {
            beforeAccept = () -> {};
            throw new IllegalStateException("a fault");
        };
        try (SocketChannel client = SocketChannel.open(address)) {
            assertThat(accepted.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void aFaultOfAConnectThatIsOver() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        loop.execute(() -> {
            try {
                loop.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), new WireHandler() {
                    @Override
                    public void onConnectFailed(IOException reason) {
                        heard.countDown();
                        throw new IllegalStateException("a fault", reason);
                    }

                    @Override
                    public void onReadable() {}

                    @Override
                    public void onFlush() {}
                });
            } catch (IOException atOnce) {
                heard.countDown();
            }
        });
        assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Accepting implements Acceptor.AcceptHandler {
        @Override
        public boolean mayAccept() {
            Runnable before = beforeAccept;
            before.run();
            return true;
        }

        @Override
        public WireHandler accepted(Loop its, Wire wire) {
            onAccept.run();
            accepted.add(wire);
            return new WireHandler() {
                @Override
                public void onReadable() {
                    wire.close();
                }

                @Override
                public void onFlush() {}
            };
        }
    }
}
