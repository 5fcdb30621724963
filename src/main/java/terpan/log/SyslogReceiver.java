package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.config.LogService;
import terpan.handover.LocalDatagrams;

/**
 * A syslog receiver: messages of RFC 5424 with a time in UTC, without structured data, in datagrams of a Unix socket or of UDP (RFC 5426), or
 * counted over TCP (RFC 6587, section 3.4.1).
 */
final class SyslogReceiver implements LogReceiver {
    /** What takes messages, whole or not at all. */
    interface Transport {
        void send(byte[] message) throws IOException;

        void close() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(SyslogReceiver.class);
    private static final Duration SEND_MOST = Duration.ofSeconds(1);
    private static final int FACILITY = 8;
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Pattern HOST = Pattern.compile("[!-~]{1,255}");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Transport transport;
    private final int facility;
    private final String behindTime;

    private SyslogReceiver(Transport transport, int facility, String log) {
        this.transport = transport;
        this.facility = facility;
        // HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA
        behindTime = " " + host() + " terpan " + ProcessHandle.current().pid() + " " + log + " - ";
    }

    /** One of a daemon of this machine. */
    static SyslogReceiver at(LogService.LocalSyslog place, String log) throws IOException {
        LocalDatagrams socket = new LocalDatagrams(place.socket(), SEND_MOST);
        Transport transport = new Transport() {
            @Override
            public void send(byte[] message) throws IOException {
                socket.send(message);
            }

            @Override
            public void close() {
                socket.close();
            }
        };
        return new SyslogReceiver(transport, place.facility(), log);
    }

    /** One elsewhere; it is connected to with the first message. */
    static SyslogReceiver at(LogService.Syslog place, String log) {
        Transport transport = place.tcp()
                ? new SyslogStream(place.host(), place.port())
                : new SyslogDatagrams(place.host(), place.port());
        return new SyslogReceiver(transport, place.facility(), log);
    }

    private static String host() {
        try {
            String name = Files.readString(HOST_NAME).strip();
            return HOST.matcher(name).matches() ? name : "-";
        } catch (IOException unknown) {
            LOG.atDebug().setCause(unknown).log("the host's name is not known");
            return "-";
        }
    }

    @Override
    public void send(byte[] bytes, int from, int to, int severity, long millis, byte[] fields) throws IOException {
        byte[] head = ("<" + (facility * FACILITY + severity) + ">1 " + TIME.format(Instant.ofEpochMilli(millis))
                        + behindTime)
                .getBytes(US_ASCII);
        byte[] message = new byte[head.length + to - from];
        System.arraycopy(head, 0, message, 0, head.length);
        System.arraycopy(bytes, from, message, head.length, to - from);
        transport.send(message);
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
