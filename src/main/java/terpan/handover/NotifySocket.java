package terpan.handover;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The socket on which a service tells systemd how it is: {@code sd_notify(3)} without its library. Thread-safe. */
public final class NotifySocket {
    /** The variable that names it. */
    public static final String VARIABLE = "NOTIFY_SOCKET";

    private static final Duration SEND_MOST = Duration.ofSeconds(5);
    /** Of a {@code sockaddr_un}, with the zero byte that ends a path. */
    private static final int LONGEST = 108;

    private final byte[] address;

    private NotifySocket(byte[] address) {
        this.address = address;
    }

    /**
     * The one that this process was started with; empty: nobody wants to be told.
     *
     * @throws IOException when its address is none that can be told at
     */
    public static Optional<NotifySocket> of(Map<String, String> environment) throws IOException {
        String named = environment.getOrDefault(VARIABLE, "");
        if (named.isEmpty()) {
            return Optional.empty();
        }
        byte[] name = named.getBytes(UTF_8);
        boolean hidden = name[0] == '@';
        if ((!hidden && name[0] != '/') || name.length + (hidden ? 0 : 1) > LONGEST) {
            throw new IOException(VARIABLE + " is \"" + named + "\", expected an absolute path of at most "
                    + (LONGEST - 1) + " bytes, or @ and a name");
        }
        // A name outside of the file system begins with a zero byte and ends with its length.
        byte[] address = hidden ? name : Arrays.copyOf(name, name.length + 1);
        if (hidden) {
            address[0] = 0;
        }
        return Optional.of(new NotifySocket(address));
    }

    /**
     * Sends assignments such as {@code READY=1}, one a line, in one message.
     *
     * @throws IOException when they were not taken within five seconds, or nobody is there
     */
    public void send(List<String> assignments) throws IOException {
        SystemCalls.send(address, String.join("\n", assignments).getBytes(UTF_8), SEND_MOST);
    }
}
