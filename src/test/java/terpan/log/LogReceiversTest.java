package terpan.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;
import terpan.config.AccessFormat;
import terpan.config.LogRotation;
import terpan.config.LogService;
import terpan.config.LogSettings;

/** Logs that go to syslog and journald, each with a real receiver. */
@Isolated("the process has one log")
final class LogReceiversTest {
    private static final Duration MOST = Duration.ofSeconds(30);
    private static final int LOCAL3 = 19;
    private static final int PORTS = 28_232;
    private static final int FREE = 41_000;

    @TempDir
    private Path folder;

    @Test
    void linesOfTheAccessLogAreMessagesOfRfc5424OverUdp() throws IOException {
        try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            receiver.setSoTimeout((int) MOST.toMillis());
            try (AccessLog log = access(new LogService.Syslog(false, "127.0.0.1", receiver.getLocalPort(), LOCAL3))) {
                AccessBuffer buffer = log.buffer();
                buffer.write(AccessEntries.entry("/one", "-", "-"));
                buffer.write(AccessEntries.entry("/two", "-", "-"));
                assertThat(received(receiver))
                        .matches("<158>1 [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z \\S+ terpan "
                                + ProcessHandle.current().pid() + " access - 203\\.0\\.113\\.7 .*GET /one .*");
                assertThat(received(receiver)).contains("GET /two ").doesNotContain("\n");
            }
        }
    }

    @Test
    void linesOverTcpAreCountedAndAReceiverThatComesBackGetsWhatItMissed() throws IOException {
        int port;
        SyslogServer first = SyslogServer.besideThoseGivenOut();
        port = first.port();
        try (AccessLog log = access(new LogService.Syslog(true, "127.0.0.1", port, LOCAL3))) {
            AccessBuffer buffer = log.buffer();
            buffer.write(AccessEntries.entry("/one", "-", "-"));
            first.awaitText("GET /one ");
            first.close();
            buffer.write(AccessEntries.entry("/two", "-", "-"));
            try (SyslogServer second = SyslogServer.at(port)) {
                second.awaitText("GET /two ");
                assertThat(second.messages()).hasSize(1);
            }
            assertThat(log.dropped()).isZero();
        }
    }

    private static boolean isTaken(int port) {
        try (SyslogServer free = SyslogServer.at(port)) {
            return free.port() != port;
        } catch (IOException taken) {
            return true;
        }
    }

    /** The system gives out all even ports in turns, and so the one that is asked for. */
    @Test
    void nobodyIsConnectedToItself() throws IOException {
        int port = FREE;
        while (isTaken(port)) {
            port += 2;
        }
        SyslogStream stream = new SyslogStream("127.0.0.1", port);
        for (int attempt = 0; attempt < 2 * PORTS; attempt++) {
            assertThatThrownBy(() -> stream.send(new byte[] {1})).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void whatAReceiverDoesNotTakeIsCountedAtTheEnd() throws IOException {
        // Bound, so that nobody else has the port, and it does not listen.
        try (Socket nobody = new Socket()) {
            nobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            AccessLog log = access(new LogService.Syslog(true, "127.0.0.1", nobody.getLocalPort(), LOCAL3));
            log.buffer().write(AccessEntries.entry("/lost", "-", "-"));
            log.close();
            assertThat(log.dropped()).isOne();
        }
    }

    @Test
    void aDaemonOfThisMachineMayBeginLater() throws IOException {
        Path socket = folder.resolve("log");
        try (AccessLog log = access(new LogService.LocalSyslog(socket, 3))) {
            log.buffer().write(AccessEntries.entry("/one", "-", "-"));
            try (DatagramReceiver receiver = DatagramReceiver.at(socket)) {
                assertThat(receiver.awaitText("GET /one ")).startsWith("<30>1 ");
            }
        }
    }

    @Test
    void journaldGetsFieldsAndThoseWithLinesInTheirBinaryForm() throws IOException {
        Path socket = folder.resolve("journal");
        try (DatagramReceiver receiver = DatagramReceiver.at(socket);
                Logs logs = Logs.start(settings(new LogService.Journald(socket)), List.of())) {
            LoggerFactory.getLogger("terpan.test")
                    .atError()
                    .addKeyValue("worker", "w1")
                    .addKeyValue("odd-key.7", "a\nMESSAGE=forged")
                    .addKeyValue("traceback", "one\ntwo\nthree")
                    .addKeyValue("long", "x".repeat(9_000))
                    .log("the application failed");
            Map<String, String> entry = receiver.awaitEntry("the application failed");
            assertThat(entry)
                    .containsEntry("PRIORITY", "3")
                    .containsEntry("SYSLOG_IDENTIFIER", "terpan")
                    .containsEntry("TERPAN_LOG", "log")
                    .containsEntry("TERPAN_WORKER", "w1")
                    .containsEntry("TERPAN_ODD_KEY_7", "a\nMESSAGE=forged")
                    .containsEntry("TERPAN_TRACEBACK", "one\ntwo\nthree");
            assertThat(entry.get("TERPAN_LONG")).hasSize(8 * 1024);
            assertThat(entry.get("MESSAGE"))
                    .startsWith("the application failed worker=w1")
                    .contains("\n        two\n");
            assertThat(logs.dropped()).isZero();
        }
    }

    @Test
    void theLevelOfALineIsItsSeverity() throws IOException {
        assertThat(List.of(Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE))
                .extracting(Logged::severity)
                .containsExactly(3, 4, 6, 7, 7);
    }

    @Test
    void aReceiverThatDoesNotReadHoldsUpNobody() throws IOException {
        Path socket = folder.resolve("journal");
        AccessLog log = access(new LogService.Journald(socket));
        AccessBuffer buffer = log.buffer();
        AccessEntry entry = AccessEntries.entry("/", "-", "-");
        int lines = 2 * AccessLog.BUFFERS_MOST * AccessLog.BUFFER_BYTES / 200;
        for (int line = 0; line < lines; line++) {
            buffer.write(entry);
        }
        assertThat(log.dropped()).isPositive();
        log.close();
        await().atMost(MOST).until(() -> log.dropped() == lines);
    }

    private static String received(DatagramSocket receiver) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        receiver.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), UTF_8);
    }

    private static AccessLog access(LogService service) throws IOException {
        return AccessLog.start(
                LogSettings.USUAL,
                LineSink.open(new LineSink.Place(
                        "access log",
                        "access",
                        Optional.empty(),
                        Optional.of(service),
                        LogRotation.NONE,
                        FileDescriptor.out)));
    }

    private static LogSettings settings(LogService service) {
        LogSettings usual = LogSettings.USUAL;
        return new LogSettings(
                usual.level(),
                LogSettings.Format.AUTO,
                Optional.empty(),
                Optional.of(service),
                false,
                AccessFormat.COMBINED,
                Optional.empty(),
                Optional.empty(),
                LogRotation.NONE,
                List.of(),
                usual.masks(),
                Optional.empty());
    }
}
