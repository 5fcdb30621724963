package terpan.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the deeper window of servers that work on one request at a time stands on. */
@Timeout(60)
final class SurplusConnectionsIT {
    @RegisterExtension
    final WorkerRig rig = new WorkerRig();

    @ParameterizedTest
    @ValueSource(strings = {"meinheld", "bjoern"})
    void moreConnectionsThanAServerWorksOnDoItNoHarm(String server) throws Exception {
        rig.options.server = server;
        rig.options.threads = 1;
        RunningSupervisor running = rig.start(WorkerRig.HELLO);
        WorkerRig.awaitReady(running, 1);
        WorkerInfo worker = running.recorder.ready.getFirst();
        assertThat(worker.profile().mayDeepen()).isTrue();
        Map<String, SocketChannel> asked = new LinkedHashMap<>();
        try {
            for (int i = 0; i < 32; i++) {
                String path = "/" + i;
                SocketChannel channel = SocketChannel.open(worker.address());
                WorkerRig.ask(channel, path, "- - http - - -");
                if (i % 12 == 3) {
                    channel.close();
                } else {
                    asked.put(path, channel);
                }
            }
            for (Map.Entry<String, SocketChannel> each : asked.entrySet()) {
                assertThat(WorkerRig.answer(each.getValue()))
                        .startsWith("HTTP/1.1 200")
                        .contains("PATH_INFO='" + each.getKey() + "'");
            }
        } finally {
            for (SocketChannel channel : asked.values()) {
                channel.close();
            }
        }
    }
}
