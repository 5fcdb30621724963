package terpan.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import terpan.handover.NotifyReceiver;

/** What systemd hears of a service whose threads hang, and of one that cannot be told of. */
@Timeout(60)
final class WatchdogIT {
    private static final long PID = 42;

    @TempDir
    private Path folder;

    private static String how() {
        return "serving: all is well";
    }

    @Test
    void whileAThreadHangsThereIsNoSignOfLife() throws Exception {
        AtomicReference<Optional<String>> hangs = new AtomicReference<>(Optional.empty());
        try (NotifyReceiver systemd = NotifyReceiver.at(folder.resolve("notify").toString());
                Service service = Service.of(
                        Map.of("NOTIFY_SOCKET", systemd.address(), "WATCHDOG_USEC", "90000", "WATCHDOG_PID", "42"),
                        PID)) {
            service.serving(hangs::get, WatchdogIT::how);
            int alive = systemd.awaitMessage(0, message -> message.contains("WATCHDOG=1"));
            hangs.set(Optional.of("event loop 0 does not turn"));
            int told = systemd.awaitMessage(alive, message -> message.equals("STATUS=event loop 0 does not turn"));
            hangs.set(Optional.empty());
            int back = systemd.awaitMessage(told, message -> true);
            assertThat(systemd.messages().get(back - 1))
                    .as("the first message after it")
                    .isEqualTo("WATCHDOG=1|STATUS=serving: all is well");
        }
    }

    @Test
    void aWatchdogOfAnotherProcessGetsNoSignOfLife() throws Exception {
        try (NotifyReceiver systemd = NotifyReceiver.at("@terpan-test-" + folder.hashCode());
                Service service = Service.of(
                        Map.of("NOTIFY_SOCKET", systemd.address(), "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "41"),
                        PID)) {
            service.serving(Optional::empty, WatchdogIT::how);
            systemd.awaitMessage(
                    0, message -> message.startsWith("READY=1|MAINPID=") && message.contains("|STATUS=serving: "));
            service.stopping(Duration.ofSeconds(5));
            systemd.awaitMessage(1, message -> message.startsWith("STOPPING=1|"));
            assertThat(systemd.messages()).noneMatch(message -> message.contains("WATCHDOG"));
        }
    }

    @Test
    void aServiceGoesOnWhereNobodyHearsOfIt() {
        for (String address :
                List.of(folder.resolve("nobody").toString(), "relative", "/" + "x".repeat(107), "vsock:2:3")) {
            try (Service service = Service.of(Map.of("NOTIFY_SOCKET", address), PID)) {
                service.starting(Duration.ofSeconds(1));
                service.serving(Optional::empty, WatchdogIT::how);
                service.stopping(Duration.ofSeconds(1));
            }
        }
    }
}
