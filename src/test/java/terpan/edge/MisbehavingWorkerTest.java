package terpan.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import terpan.http.WorkerFaults;
import terpan.http.WorkerFaults.Fault;
import terpan.loop.PretendWire;

/** Every worker of the table that misbehaves, its bytes cut anywhere: what the client sees, and that the next request is right. */
class MisbehavingWorkerTest {
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    private static final int FAULTS_LEAST = 50;

    /** Cuts that are tried of a long answer. */
    private static final int CUTS_MOST = 300;

    static List<Fault> faults() {
        return WorkerFaults.all();
    }

    @Test
    void thereAreFiftyOfThem() {
        assertThat(faults()).hasSizeGreaterThanOrEqualTo(FAULTS_LEAST);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theClientSeesWhatTheTableSaysAndTheNextRequestIsRight(Fault fault) {
        EdgeLimits limits = new EdgeLimits();
        limits.answerIdle = Duration.ofSeconds(2);
        int length = fault.answer().length();
        int step = 1 + length / CUTS_MOST;
        for (int cut = 0; cut <= length; cut += step) {
            try (EdgeBench bench = new EdgeBench(limits)) {
                bench.worker(1);
                once(bench, fault, cut);
            }
        }
    }

    private static void once(EdgeBench bench, Fault fault, int cut) {
        PretendWire client = bench.client(fault.request());
        PretendWire worker = bench.link(0);
        worker.peerSends(fault.answer().substring(0, cut));
        bench.loop.settle();
        worker.peerSends(fault.answer().substring(cut));
        bench.loop.settle();
        switch (fault.end()) {
            case "close" -> worker.peerShutsOutput();
            case "reset" -> worker.peerResets();
            case "hang" -> bench.pass(Duration.ofSeconds(3));
            default -> {}
        }
        String answered = bench.got(client);
        if (fault.cut()) {
            // What came with the fault in one piece was not sent yet, so that it could be taken back.
            boolean takenBack = answered.startsWith("HTTP/1.1 502 ");
            assertThat(takenBack || answered.startsWith("HTTP/1.1 200 "))
                    .as("%s, cut at %d: %s", fault, cut, answered)
                    .isTrue();
            assertThat(client.wasReset()).as("%s is cut: %s", fault, answered).isNotEqualTo(takenBack);
        } else {
            assertThat(fault.wrong(answered))
                    .as("%s, cut at %d: %s", fault, cut, answered)
                    .isEmpty();
            assertThat(client.isOpen()).isTrue();
        }
        PretendWire next = client.isOpen() && !client.outputShut() ? client : bench.client();
        bench.send(next, NEXT);
        if (fault.end().equals("hang")) {
            // The worker is not free before it has ended what nobody wants any more.
            worker.peerResets();
        }
        bench.serve(request -> request.startsWith("GET /next ") ? GOOD : "");
        assertThat(bench.got(next))
                .as("%s, the next request", fault)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("good");
    }
}
