package terpan.edge.limits;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines for the operator about what clients are refused, or would be understood as with another setting: each matter at once when it
 * begins, then at most one line in ten seconds with how often it was, and of fields that are not believed only one. Thread-safe by a lock for
 * each matter, taken only where there is something to tell.
 */
public final class Advice {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What is told of, with what to do about it. */
    public enum Matter {
        QUEUE_FULL(
                "requests are refused: the queue is full",
                "more arrives than the workers get done: more --workers, or --threads where requests wait for others"),
        WAIT_TOO_LONG(
                "requests are refused: they waited for queue-wait",
                "the workers are busy: more --workers, or --threads where requests wait for others; the access log has the slow routes"),
        NO_WORKER("requests are refused: no worker is ready", "terpan status says what became of the workers"),
        DRAINING("requests are refused: Terpan is stopping", "another server may take them"),
        MEMORY("requests are refused: the memory for buffers is used up", "limits.memory, or fewer connections"),
        REQUEST_RATE("requests are refused: an address sends too many", "limits.request-rate"),
        CONNECTIONS_PER_ADDRESS(
                "connections are refused: an address has too many open", "limits.connections-per-address"),
        ANSWER_ROOM(
                "workers wait: slow clients have so much of their answers in files as they may",
                "spool.answer-spool-most, spool.most"),
        BODY_ROOM(
                "uploads are refused: there is no room for their bodies",
                "spool.most, limits.memory; terpan_spool_bytes and terpan_loop_buffer_bytes say which"),
        FILE(
                "files can not be read or sent",
                "Terpan's user has to be able to read them, and the directories on the way; how many files may be open is LimitNOFILE"),
        WEB_SOCKET(
                "WebSocket handshakes are answered with 501",
                "the server can not, or not with this application: uvicorn, hypercorn and granian can with an ASGI one; libraries such as"
                        + " Socket.IO go on by long polling"),
        TUNNELS(
                "WebSocket handshakes are refused: so many are open as may be",
                "http.tunnels, or the limit of open files (ulimit -n, LimitNOFILE=)"),
        TUNNELS_PER_ADDRESS(
                "WebSocket handshakes are refused: an address has too many open", "limits.tunnels-per-address"),
        FORWARDED(
                "X-Forwarded and Forwarded fields are not believed",
                "if that peer is your proxy, name it with --trusted-proxy (http.trusted-proxies): until then the application sees the proxy"
                        + " instead of its clients, and http instead of https",
                Long.MAX_VALUE);

        private final String message;
        private final String hint;
        private final long pauseNanos;

        Matter(String message, String hint) {
            this(message, hint, PAUSE_NANOS);
        }

        Matter(String message, String hint, long pauseNanos) {
            this.message = message;
            this.hint = hint;
            this.pauseNanos = pauseNanos;
        }
    }

    private static final class Told {
        private long at;
        private long times;
        private volatile boolean ever;
    }

    private final Logger log = LoggerFactory.getLogger(Advice.class);
    private final Map<Matter, Told> told = new EnumMap<>(Matter.class);

    /** Nothing is told yet. */
    public Advice() {
        for (Matter matter : Matter.values()) {
            told.put(matter, new Told());
        }
    }

    /** Whether it was told already, without a lock: what is said only once need not be looked into again. */
    public boolean isTold(Matter matter) {
        return last(matter).ever;
    }

    private Told last(Matter matter) {
        return Objects.requireNonNull(told.get(matter));
    }

    /**
     * It has happened once more.
     *
     * @param now monotonic nanoseconds, the same clock for all loops
     * @param example the request or peer that the line names; asked only for a line
     */
    public void tell(Matter matter, long now, Supplier<String> example) {
        Told last = last(matter);
        long times;
        synchronized (last) {
            last.times++;
            if (last.ever && now - last.at < matter.pauseNanos) {
                return;
            }
            times = last.times;
            last.ever = true;
            last.at = now;
            last.times = 0;
        }
        log.atWarn()
                .addKeyValue("times", times)
                .addKeyValue("last", example.get())
                .addKeyValue("hint", matter.hint)
                .log(matter.message);
    }
}
