package terpan.edge;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.crypto.SecretKey;
import terpan.config.FileSettings;
import terpan.config.LogSettings;
import terpan.config.Operators;
import terpan.config.Probes;
import terpan.config.Settings;
import terpan.config.TraceSettings;
import terpan.config.Tunnels;
import terpan.config.Verify;

/** Settings of an {@link EdgeBench}: the usual ones but for what a test changes before it makes its bench. */
final class EdgeLimits {
    int headMost = 32 * 1024;
    long bodyMost = 1L << 30;
    OptionalInt redirectPort = OptionalInt.empty();
    Optional<String> hsts = Optional.empty();
    Duration headTimeout = Duration.ofSeconds(30);
    Duration bodyIdle = Duration.ofSeconds(30);
    int bodyRate = 1024;
    Duration keepAliveIdle = Duration.ofSeconds(65);
    Duration sendIdle = Duration.ofSeconds(60);
    Duration answerIdle = Duration.ofSeconds(60);
    Duration answerWarn = Duration.ofSeconds(30);
    boolean abortOnHalfClose;
    List<String> trustedProxies = List.of();
    Settings.Forwarding forwarding = new Settings.Forwarding(
            List.of(Settings.Told.X_FORWARDED_FOR, Settings.Told.X_FORWARDED_PROTO, Settings.Told.X_FORWARDED_HOST),
            Settings.Believed.AUTO,
            false,
            Optional.empty());
    int keepAliveRequests;
    int sendRate = 128;
    Duration answerMost = Duration.ZERO;
    List<String> stream = List.of();
    Optional<Path> errorPages = Optional.empty();
    int connectionsPerAddress;
    int tunnelsPerAddress;
    int tunnels;
    Duration tunnelIdle = Duration.ofHours(1);
    Duration tunnelDrain = Duration.ofSeconds(10);
    int streamsPerConnection = 128;
    int requestRate;
    int requestBurst;
    long memory;
    int connections = 1000;
    int spoolMemory = 64 * 1024;
    long spoolMost = 64 << 20;
    long answerSpoolMost = 1L << 30;
    int queueSize;
    Duration queueWait = Duration.ofSeconds(30);

    Settings.Choice choice = Settings.Choice.LEAST_LOADED;
    Settings.Sticky sticky = Settings.Sticky.ADDRESS;
    Optional<SecretKey> stickyKey = Optional.empty();
    FileSettings files = FileSettings.NONE;
    Probes probes = Probes.NONE;
    List<String> routeShapes = List.of();
    TraceSettings traces = TraceSettings.NONE;
    List<Settings.Coding> compress = List.of();
    Settings.EarlyHints earlyHints = Settings.EarlyHints.HTTP2;

    Settings.Dispatch dispatch() {
        return new Settings.Dispatch(choice, sticky, queueSize, queueWait, 32, Duration.ofMillis(1));
    }

    Settings settings(Path directory) {
        Settings.Http http = new Settings.Http(
                8000,
                false,
                8000,
                headMost,
                80,
                bodyMost,
                headTimeout,
                bodyIdle,
                bodyRate,
                keepAliveIdle,
                sendIdle,
                EdgeBench.CONNECT_TIMEOUT,
                answerIdle,
                answerWarn,
                abortOnHalfClose,
                trustedProxies,
                16 * 1024,
                keepAliveRequests,
                sendRate,
                answerMost,
                stream,
                routeShapes,
                errorPages,
                new Settings.Compression(compress, List.of("text/*", "application/json"), 100, 5, 4, 3),
                new Tunnels(tunnels, tunnelIdle, tunnelDrain),
                earlyHints);
        return new Settings(
                List.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                dispatch(),
                http,
                forwarding,
                new Settings.Tls(
                        Settings.TlsEngine.AUTO,
                        List.of(),
                        false,
                        List.of(),
                        List.of(),
                        Duration.ofSeconds(10),
                        Verify.OFF,
                        Optional.empty(),
                        redirectPort,
                        hsts,
                        Optional.empty()),
                new Settings.Limits(
                        0,
                        connectionsPerAddress,
                        streamsPerConnection,
                        requestRate,
                        requestBurst,
                        tunnelsPerAddress,
                        memory),
                new Settings.Spool(directory, spoolMemory, spoolMost, answerSpoolMost),
                LogSettings.USUAL,
                traces,
                new Settings.Admin(Optional.empty(), Optional.empty(), Operators.NONE),
                files,
                probes,
                1);
    }
}
