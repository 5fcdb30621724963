package terpan.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import terpan.serve.Program;

/** Stands where systemd does: a datagram socket, and every message that came to it. */
public final class NotifyReceiver implements AutoCloseable {
    private static final String SCRIPT = """
            import socket, sys
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            receiver.bind(sys.argv[1].replace("@", "\\0"))
            print("bound", flush=True)
            while True:
                print(receiver.recv(65536).decode().replace("\\n", "|"), flush=True)
            """;

    private static final Duration MOST = Duration.ofSeconds(30);

    private final String address;
    private final Process process;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    private NotifyReceiver(String address, Process process) {
        this.address = address;
        this.process = process;
    }

    /**
     * One that is bound.
     *
     * @param address a path, or @ and a name
     */
    public static NotifyReceiver at(String address) throws IOException {
        Process process = new ProcessBuilder(Program.python().toString(), "-c", SCRIPT, address)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        NotifyReceiver receiver = new NotifyReceiver(address, process);
        BufferedReader lines = process.inputReader();
        assertThat(lines.readLine()).isEqualTo("bound");
        Thread.ofVirtual().start(() -> {
            try {
                lines.lines().forEach(receiver.messages::add);
            } catch (UncheckedIOException closed) {
                // The test is over.
            }
        });
        return receiver;
    }

    public String address() {
        return address;
    }

    /** What came, each message with a bar between its assignments. */
    public List<String> messages() {
        return messages;
    }

    /** Waits for a message that comes at this place or later; returns the place behind it. */
    public int awaitMessage(int from, Predicate<String> wanted) {
        int[] found = {-1};
        await().atMost(MOST).pollInterval(Duration.ofMillis(10)).until(() -> {
            for (int i = from; i < messages.size() && found[0] < 0; i++) {
                found[0] = wanted.test(messages.get(i)) ? i : -1;
            }
            return found[0] >= 0;
        });
        return found[0] + 1;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
