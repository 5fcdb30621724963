package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Stands where journald or a syslog daemon does: a Unix socket for datagrams, and every one that came. */
public final class DatagramReceiver implements AutoCloseable {
    private static final String SCRIPT = """
            import os, socket, sys
            if os.path.exists(sys.argv[1]):
                os.unlink(sys.argv[1])
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            receiver.bind(sys.argv[1])
            print("bound", flush=True)
            while True:
                print(receiver.recv(1 << 20).hex(), flush=True)
            """;
    private static final Duration MOST = Duration.ofSeconds(30);

    private final Process process;
    private final List<byte[]> datagrams = new CopyOnWriteArrayList<>();

    private DatagramReceiver(Process process) {
        this.process = process;
    }

    /** One that is bound there. */
    public static DatagramReceiver at(Path socket) throws IOException {
        Process process = new ProcessBuilder("python3", "-c", SCRIPT, socket.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        DatagramReceiver receiver = new DatagramReceiver(process);
        BufferedReader lines = process.inputReader();
        assertThat(lines.readLine()).isEqualTo("bound");
        Thread.ofVirtual().start(() -> {
            try {
                lines.lines().map(HexFormat.of()::parseHex).forEach(receiver.datagrams::add);
            } catch (UncheckedIOException closed) {
                // The test is over.
            }
        });
        return receiver;
    }

    /** Waits for one that has this, as text. */
    public String awaitText(String part) {
        return new String(awaitDatagram(bytes -> new String(bytes, UTF_8).contains(part)), UTF_8);
    }

    /** Waits for an entry of journald's protocol whose message begins so. */
    public Map<String, String> awaitEntry(String message) {
        return entry(
                awaitDatagram(bytes -> entry(bytes).getOrDefault("MESSAGE", "").startsWith(message)));
    }

    private byte[] awaitDatagram(Predicate<byte[]> wanted) {
        await().atMost(MOST).until(() -> datagrams.stream().anyMatch(wanted));
        return datagrams.stream().filter(wanted).findFirst().orElseThrow();
    }

    /** The fields of one, as systemd.io/JOURNAL_NATIVE_PROTOCOL says. */
    static Map<String, String> entry(byte[] bytes) {
        Map<String, String> fields = new LinkedHashMap<>();
        int at = 0;
        while (at < bytes.length) {
            int name = at;
            while (bytes[at] != '=' && bytes[at] != '\n') {
                at++;
            }
            String key = new String(bytes, name, at - name, UTF_8);
            assertThat(key).matches("[A-Z][A-Z0-9_]{0,63}");
            int start = at + 1;
            int end = start;
            if (bytes[at] == '=') {
                while (bytes[end] != '\n') {
                    end++;
                }
            } else {
                long length = ByteBuffer.wrap(bytes, start, Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong();
                start += Long.BYTES;
                end = start + (int) length;
            }
            assertThat(bytes[end]).isEqualTo((byte) '\n');
            fields.put(key, new String(bytes, start, end - start, UTF_8));
            at = end + 1;
        }
        return fields;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
