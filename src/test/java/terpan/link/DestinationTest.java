package terpan.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import terpan.link.nativelink.RecordedCall;
import terpan.loop.PretendLoop;
import terpan.loop.PretendWire;

/** What an address hears of the connects and requests that are made to it. */
class DestinationTest {
    private static final LinkLimits LIMITS =
            new LinkLimits(Duration.ofSeconds(5), 64 * 1024, 100, false, () -> Duration.ofSeconds(2));
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final PretendLoop loop = new PretendLoop();
    private final Connections connections = new Connections(4);
    private final List<String> heard = new ArrayList<>();
    private @Nullable Destination next = new Recorded();
    private final HttpLink link = new HttpLink(loop, () -> next, LIMITS, connections);

    private final class Recorded implements Destination {
        @Override
        public SocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9000);
        }

        @Override
        public void notConnected(String why) {
            heard.add("not connected: " + why);
        }

        @Override
        public void doubted() {
            heard.add("doubted");
        }

        @Override
        public void unanswered(String why) {
            heard.add("unanswered: " + why);
        }

        @Override
        public void answered() {
            heard.add("answered");
        }
    }

    @AfterEach
    void nothingIsHeld() {
        link.close();
        loop.settle();
        assertThat(connections.open()).isZero();
        assertThat(connections.wanted()).isZero();
    }

    private RecordedCall forward() {
        RecordedCall call = RecordedCall.get("/");
        link.forward(call);
        loop.settle();
        return call;
    }

    private PretendWire wire() {
        return loop.connected().getLast();
    }

    private void say(String text) {
        wire().peerSends(text);
        loop.settle();
    }

    private void shut() {
        wire().peerShutsOutput();
        loop.settle();
    }

    @Test
    void anAnswerIsHeardWhateverItIs() {
        for (String answer : new String[] {OK, "SSH-2.0-OpenSSH\r\n", OK.replace("Length: 2", "Length: 9")}) {
            forward();
            say(answer);
            if (wire().isOpen()) {
                shut();
            }
        }
        assertThat(heard).containsExactly("answered", "answered");
        assertThat(loop.connected()).hasSize(3);
    }

    @Test
    void aConnectThatIsRefusedOrTakesTooLongIsHeard() {
        loop.connectFails(address -> new IOException("Connection refused"));
        assertThat(forward().all()).isEqualTo("failed NOT_CONNECTED: Connection refused");
        loop.connectFails(address -> null);
        loop.connectsHang(true);
        RecordedCall hangs = forward();
        loop.pass(1_900);
        assertThat(hangs.heard).isEmpty();
        loop.pass(200);
        assertThat(hangs.all()).isEqualTo("failed CONNECT_TIMED_OUT: no connection within 2000 ms");
        assertThat(heard)
                .containsExactly("not connected: Connection refused", "not connected: no connection within 2000 ms");
    }

    @Test
    void aCallThatIsGivenUpBeforeItIsConnectedCastsADoubt() {
        loop.connectsHang(true);
        RecordedCall call = forward();
        link.cancel(call, () -> heard.add("ended"));
        assertThat(heard).containsExactly("doubted", "ended");
    }

    @Test
    void silenceIsHeardButNotThatOfAKeptConnection() {
        forward();
        shut();
        RecordedCall waits = forward();
        link.timedOut(waits);
        link.cancel(waits, () -> {});
        assertThat(heard).containsExactly("unanswered: connection closed", "unanswered: no answer in time");
        shut();
        heard.clear();
        forward();
        say(OK);
        assertThat(heard).containsExactly("answered");
        forward();
        shut();
        assertThat(heard).as("the server may have closed it for being idle").containsExactly("answered");
    }

    @Test
    void aCallThatWasGivenUpHoldsAPlaceOfSomeoneElsesWorkerForHalfAMinute() {
        link.cancel(forward(), () -> heard.add("ended"));
        loop.pass(29_000);
        assertThat(heard).isEmpty();
        loop.pass(2_000);
        assertThat(heard).containsExactly("ended");
        assertThat(wire().isOpen()).isFalse();
    }

    @Test
    void whatHasBegunIsNotSilence() {
        RecordedCall call = forward();
        say("HTTP/1.1 200 OK\r\n");
        link.timedOut(call);
        assertThat(heard).isEmpty();
        shut();
        assertThat(call.all()).startsWith("failed CLOSED_BEFORE_ANSWER");
    }

    @Test
    void withNowhereToGoACallFailsAtOnce() {
        next = null;
        assertThat(forward().all()).isEqualTo("failed NOT_CONNECTED: no address of the worker is reached");
        next = new Recorded();
        RecordedCall call = forward();
        say(OK);
        assertThat(call.heard).endsWith("end");
    }

    @Test
    void renewedConnectionsCarryWhatTheyHaveAndNothingMore() {
        forward();
        say(OK);
        PretendWire idle = wire();
        RecordedCall first = forward();
        RecordedCall second = forward();
        PretendWire other = wire();
        link.renew();
        assertThat(idle.isOpen()).isTrue();
        idle.peerSends(OK);
        other.peerSends(OK);
        loop.settle();
        assertThat(first.heard).endsWith("end");
        assertThat(second.heard).endsWith("end");
        assertThat(loop.connected()).noneMatch(PretendWire::isOpen);
        forward();
        say(OK);
        assertThat(wire().isOpen()).isTrue();
        link.renew();
        assertThat(wire().isOpen()).isFalse();
    }
}
