package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import terpan.config.TraceSettings;
import terpan.loop.PretendWire;
import terpan.trace.TraceExport;

/** To which trace a request belongs, whose word about it counts, and what its worker is told. */
class TracesTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String GIVEN = "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-";
    private static final String PROXY = "192.0.2.9";
    private static final String STRANGER = "198.51.100.7";

    private final EdgeLimits limits = new EdgeLimits();
    private EdgeBench bench = new EdgeBench();

    private void bench(int share) {
        limits.trustedProxies = List.of(PROXY);
        limits.traces =
                new TraceSettings(Optional.of(URI.create("http://127.0.0.1:4318")), share, "front", Optional.empty());
        begin();
    }

    private void begin() {
        bench.close();
        bench = new EdgeBench(limits);
        bench.worker(1);
    }

    @AfterEach
    void nothingIsHeld() {
        bench.close();
    }

    /** What the worker is told of traces. */
    private List<String> told(String peer, String fields) {
        PretendWire client = bench.client(new InetSocketAddress(peer, 5), new InetSocketAddress("192.0.2.1", 8000));
        String head = fields.isEmpty() ? "" : fields.replace("|", "\r\n") + "\r\n";
        bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\n" + head + "\r\n");
        bench.serve(OK);
        return Stream.of(bench.served.getLast().split("\r\n"))
                .filter(line -> line.startsWith("trace"))
                .toList();
    }

    private long sampled() {
        return bench.traces.waiting();
    }

    @Test
    void withoutACollectorTracesPassThroughAsTheyCame() {
        begin();
        assertThat(told(STRANGER, GIVEN + "01|tracestate: a=b")).containsExactly(GIVEN + "01", "tracestate: a=b");
        assertThat(told(STRANGER, "")).isEmpty();
        assertThat(sampled()).isZero();
    }

    @Test
    void aTrustedProxysTraceGoesOnWithUsAsTheParent() {
        bench(0);
        List<String> lines = told(PROXY, GIVEN + "01|tracestate: a=b|tracestate: c=d");
        assertThat(lines).hasSize(2);
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .matches("traceparent: 00-" + TRACE + "-[0-9a-f]{16}-01")
                        .doesNotContain("00f067aa0ba902b7", "0000000000000000"));
        assertThat(lines).contains("tracestate: a=b, c=d");
        assertThat(sampled()).as("its flag says so, whatever the share").isOne();
    }

    @Test
    void ofATrustedProxysTraceThatNobodyTellsOfNothingIsTold() {
        bench(100_000);
        assertThat(told(PROXY, GIVEN + "00")).singleElement().asString().matches(".*" + TRACE + "-[0-9a-f]{16}-00");
        assertThat(sampled()).isZero();
    }

    @Test
    void aStrangersTraceIsReplacedWithItsState() {
        bench(100_000);
        assertThat(told(STRANGER, GIVEN + "01|tracestate: a=b"))
                .singleElement()
                .asString()
                .matches("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01")
                .doesNotContain(TRACE);
        assertThat(sampled()).isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: 00-0-0-01",
                "traceparent: ",
                "traceparent: ff-" + TRACE + "-00f067aa0ba902b7-01",
                GIVEN + "01|" + GIVEN + "01",
                GIVEN + "01|" + "traceparent: nonsense",
                "TraceParent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01"
            })
    void whatIsNoTraceparentBeginsANewTraceAndTakesItsStateAlong(String fields) {
        bench(100_000);
        assertThat(told(PROXY, fields + "|tracestate: a=b"))
                .singleElement()
                .asString()
                .matches("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01")
                .doesNotContain(TRACE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-member", "a=b|tracestate: C=d", "a=b|tracestate: c="})
    void aTracestateThatIsNotGoodIsDroppedAloneAndAsAWhole(String state) {
        bench(100_000);
        assertThat(told(PROXY, GIVEN + "01|tracestate: " + state))
                .singleElement()
                .asString()
                .startsWith("traceparent: 00-" + TRACE);
    }

    @Test
    void aTracestateOfManyFieldsHasTheBoundsOfOne() {
        bench(100_000);
        String long1 = "a=" + "x".repeat(250) + "|tracestate: b=" + "y".repeat(250);
        assertThat(told(PROXY, GIVEN + "01|tracestate: " + long1)).hasSize(2);
        assertThat(told(PROXY, GIVEN + "01|tracestate: " + long1 + "|tracestate: c=zzzzzzzzz"))
                .hasSize(1);
    }

    @Test
    void ofTracesThatBeginHereAShareIsToldOfAndEachSaysWhether() {
        bench(25_000);
        Set<String> traces = new HashSet<>();
        int flagged = 0;
        for (int i = 0; i < 400; i++) {
            String line = told(STRANGER, "").getFirst();
            traces.add(line.substring("traceparent: 00-".length(), "traceparent: 00-".length() + 32));
            flagged += line.endsWith("-01") ? 1 : 0;
        }
        assertThat(traces).hasSize(400);
        assertThat(flagged).as("a quarter of 400").isBetween(60, 145);
        assertThat(sampled()).isEqualTo(flagged);
    }

    @Test
    void theQueueForTheCollectorIsBoundedAndWhatFindsItFullIsCounted() {
        bench(100_000);
        PretendWire client = bench.client(new InetSocketAddress(STRANGER, 5), new InetSocketAddress("192.0.2.1", 8000));
        for (int i = 0; i < TraceExport.QUEUE_MOST + 3; i++) {
            bench.send(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            bench.serve(OK);
        }
        assertThat(sampled()).isEqualTo(TraceExport.QUEUE_MOST);
        assertThat(bench.metrics.traces.lostInQueue()).isEqualTo(3);
    }
}
