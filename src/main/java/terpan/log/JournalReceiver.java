package terpan.log;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;
import terpan.handover.LocalDatagrams;

/**
 * systemd's journal in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram of fields, those with a line feed in their binary
 * form. A datagram has 48 KiB at most, which every kernel takes, so that none has to go as a file: what is longer is cut.
 */
final class JournalReceiver implements LogReceiver {
    private static final Duration SEND_MOST = Duration.ofSeconds(1);
    private static final int FIELDS_MOST = 24 * 1024;
    private static final int VALUE_MOST = 8 * 1024;
    private static final int NAME_MOST = 64;
    private static final String PREFIX = "TERPAN_";

    private final LocalDatagrams socket;
    private final byte[] constant;

    /**
     * Sends to that socket, where nobody needs to be yet.
     *
     * @param log which of the logs it is, a word
     */
    JournalReceiver(Path path, String log) throws IOException {
        socket = new LocalDatagrams(path, SEND_MOST);
        constant = ("SYSLOG_IDENTIFIER=terpan\nTERPAN_LOG=" + log + "\n").getBytes(US_ASCII);
    }

    @Override
    public void send(byte[] bytes, int from, int to, int severity, long millis, byte[] fields) throws IOException {
        ByteArrayOutputStream message =
                new ByteArrayOutputStream(to - from + constant.length + fields.length + NAME_MOST);
        message.writeBytes(("PRIORITY=" + severity + "\n").getBytes(US_ASCII));
        message.writeBytes(constant);
        field(message, "MESSAGE", bytes, from, to);
        message.writeBytes(fields);
        socket.send(message.toByteArray());
    }

    @Override
    public void close() {
        socket.close();
    }

    /** The pairs of an event as fields, their names in capitals behind {@code TERPAN_}. */
    static byte[] fields(ILoggingEvent event) {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        for (KeyValuePair pair : pairs == null ? List.<KeyValuePair>of() : pairs) {
            byte[] value = String.valueOf(pair.value).getBytes(UTF_8);
            int length = Math.min(value.length, VALUE_MOST);
            if (fields.size() + length + 2 * NAME_MOST <= FIELDS_MOST) {
                field(fields, name(pair.key), value, 0, length);
            }
        }
        return fields.toByteArray();
    }

    private static String name(String key) {
        String name = PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
        return name.substring(0, Math.min(name.length(), NAME_MOST));
    }

    private static void field(ByteArrayOutputStream out, String name, byte[] bytes, int from, int to) {
        out.writeBytes(name.getBytes(US_ASCII));
        boolean lines = false;
        for (int at = from; at < to; at++) {
            lines |= bytes[at] == '\n';
        }
        if (lines) {
            out.write('\n');
            out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(to - from)
                    .array());
        } else {
            out.write('=');
        }
        out.write(bytes, from, to - from);
        out.write('\n');
    }
}
