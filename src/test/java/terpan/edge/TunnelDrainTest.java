package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import terpan.loop.PretendWire;

/** Tunnels whose worker is to end, or Terpan: they have their time, and their clients are told to come again where that can be told. */
class TunnelDrainTest extends TunnelClients {
    /** Frames that a server sends, whether 1001 may follow the first of their bytes, and whether it does. */
    @ParameterizedTest
    @CsvSource({
        "'', true",
        "8103616263, true",
        "81036162, false",
        "81, false",
        "817e000461626364, true",
        "817e0004616263, false",
        "817f000000000000000161, true",
        "817f0000000000000001, false",
        "010161, true",
        "8100, true",
        "880203e8, false",
        "8183, false",
        "817fffffffffffffffff61, false",
        "81016182016289008a00, true"
    })
    void aDrainedTunnelTellsItsClientWhereNoFrameIsCut(String frames, boolean told) {
        PretendWire client = open();
        byte[] sent = HexFormat.of().parseHex(frames);
        for (byte each : sent) {
            bench.link(0).peerSends(new byte[] {each});
            bench.loop.settle();
        }
        assertThat(client.sentBytes()).isEqualTo(sent);
        bench.links.drainTunnels(place.point(), bench.loop.now(), true, () -> {});
        bench.pass(Duration.ofSeconds(1));
        assertThat(client.sentBytes()).isEqualTo(HexFormat.of().parseHex(told ? "880203e9" : ""));
        assertThat(client.outputShut()).isTrue();
        assertThat(client.wasReset()).isFalse();
    }

    @Test
    void whoTakesNothingIsToldNothing() {
        PretendWire client = open();
        client.peerTakes(1);
        bench.send(bench.lastLink(), "\u0081\u0001a");
        bench.links.drainTunnels(place.point(), bench.loop.now(), true, () -> {});
        bench.pass(Duration.ofSeconds(1));
        assertThat(client.sentBytes()).hasSize(1);
    }

    @Test
    void aWorkerThatIsToEndWaitsForItsTunnelsAndThenTheyAreClosed() {
        PretendWire first = open();
        PretendWire second = open();
        AtomicInteger ended = new AtomicInteger();
        bench.links.drainTunnels(
                place.point(), bench.loop.now() + Duration.ofSeconds(10).toNanos(), true, ended::incrementAndGet);
        bench.pass(Duration.ofSeconds(5));
        second.peerResets();
        bench.loop.settle();
        bench.send(first, "still");
        assertThat(bench.link(0).sent()).isEqualTo("still");
        PretendWire later = open();
        assertThat(ended).hasValue(0);
        bench.pass(Duration.ofSeconds(6));
        assertThat(ended).hasValue(1);
        assertThat(first.outputShut()).isTrue();
        assertThat(later.outputShut()).as("of another generation's time").isFalse();
    }

    @Test
    void whoseTunnelsAreItsOwnIsNotKnownOfAWorkerOnASharedSocketSoTheyAreOnlyWaitedFor() {
        PretendWire first = open();
        AtomicInteger ended = new AtomicInteger();
        bench.links.drainTunnels(
                place.point(), bench.loop.now() + Duration.ofSeconds(10).toNanos(), false, ended::incrementAndGet);
        bench.pass(Duration.ofSeconds(11));
        assertThat(ended).hasValue(1);
        assertThat(first.outputShut()).isFalse();
    }

    @Test
    void nobodyWaitsWhereThereIsNoTunnel() {
        AtomicInteger ended = new AtomicInteger();
        bench.links.drainTunnels(place.point(), bench.loop.now(), true, ended::incrementAndGet);
        assertThat(ended).hasValue(1);
    }

    @Test
    void whenTerpanStopsTunnelsHaveTheirTimeAndThoseOfHandshakesUnderWayToo() {
        PretendWire first = open();
        PretendWire second = bench.client(HANDSHAKE);
        PretendWire itsWorker = bench.lastLink();
        AtomicInteger empty = new AtomicInteger();
        bench.edge.stop(empty::incrementAndGet);
        bench.loop.settle();
        bench.send(itsWorker, SWITCHED);
        assertThat(bench.got(second)).startsWith("HTTP/1.1 101 ");
        bench.pass(Duration.ofSeconds(9));
        bench.send(first, "x");
        assertThat(bench.link(0).sent()).endsWith("x");
        bench.pass(Duration.ofSeconds(2));
        assertThat(first.outputShut() && second.outputShut()).isTrue();
        bench.pass(Duration.ofSeconds(3));
        assertThat(empty).hasValue(1);
    }

    @Test
    void whoWaitsNoLongerCutsNoRequestByThem() {
        PretendWire client = open();
        bench.edge.stop(() -> {});
        assertThat(bench.edge.stopWaiting()).isZero();
        assertThat(client.isOpen()).isFalse();
    }
}
