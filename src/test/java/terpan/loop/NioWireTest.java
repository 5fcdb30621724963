package terpan.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class NioWireTest {
    private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

    @TempDir
    Path folder;

    private ServerSocketChannel listener;
    private NioLoop loop;
    private final CompletableFuture<Wire> connected = new CompletableFuture<>();
    private Wire wire;

    @BeforeEach
    void start() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        loop = new NioLoop(0);
        loop.start();
        loop.execute(() -> {
            try {
                wire = loop.connect(address, new Handler());
            } catch (IOException failed) {
                connected.completeExceptionally(failed);
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        loop.stop();
        listener.close();
    }

    private <T> T inLoop(Callable<T> work) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                done.complete(work.call());
            } catch (Exception failed) {
                done.completeExceptionally(failed);
            }
        });
        return done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aNameThatWasNotLookedUpIsAnOperatingErrorLikeAnyOther() throws Exception {
        assertThatThrownBy(() -> inLoop(
                        () -> loop.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 80), new Handler())))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("nowhere.invalid");
    }

    @Test
    void thePeerSeesTheEndOfAWireThatWasClosedWhileTheLoopHasNothingElseToDo() throws Exception {
        try (SocketChannel peer = listener.accept()) {
            Wire open = connected.get(10, TimeUnit.SECONDS);
            inLoop(() -> {
                open.send(HELLO, 0, HELLO.length);
                open.close();
                open.close();
                return open;
            });
            ByteBuffer received = ByteBuffer.allocate(100);
            while (peer.read(received) >= 0) {
                assertThat(received.position()).isLessThanOrEqualTo(HELLO.length);
            }
            assertThat(received.position()).isEqualTo(HELLO.length);
        }
    }

    @Test
    void nothingPassesThroughAWireThatWasClosed() throws Exception {
        try (SocketChannel peer = listener.accept()) {
            Wire open = connected.get(10, TimeUnit.SECONDS);
            peer.write(ByteBuffer.wrap(HELLO));
            assertThat(inLoop(() -> {
                        open.close();
                        return open.isOpen();
                    }))
                    .isFalse();
            byte[] into = new byte[10];
            assertThatThrownBy(() -> inLoop(() -> open.receive(into, 0, into.length)))
                    .hasCauseInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> inLoop(() -> open.send(HELLO, 0, HELLO.length)))
                    .hasCauseInstanceOf(ClosedChannelException.class);
        }
    }

    private final class Handler implements WireHandler {
        @Override
        public void onConnected() {
            connected.complete(wire);
        }

        @Override
        public void onReadable() {
            wire.reading(false);
        }

        @Override
        public void onFlush() {}
    }

    @Test
    void aWireThatIsHeldClosesItsSocketWhenItIsLetGo() throws Exception {
        try (SocketChannel peer = listener.accept()) {
            connected.get(10, TimeUnit.SECONDS);
            peer.configureBlocking(false);
            inLoop(() -> {
                wire.hold();
                wire.close();
                return true;
            });
            inLoop(() -> true);
            inLoop(() -> true);
            assertThat(peer.read(ByteBuffer.allocate(1))).isZero();
            assertThat(inLoop(wire::isOpen)).isFalse();
            inLoop(() -> {
                wire.letGo();
                return true;
            });
            peer.configureBlocking(true);
            assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }
}
