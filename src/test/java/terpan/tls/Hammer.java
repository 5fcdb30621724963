package terpan.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import terpan.loop.BufferPool;
import terpan.loop.PretendLoop;
import terpan.metrics.Metrics;

/**
 * Handshakes with BoringSSL in a process of its own, which is watched: whole ones, cut at every byte, broken, freed anywhere, on two threads while
 * a third replaces rules and certificates. Prints how many were whole, and by how many KiB the process grew after the first fifth.
 */
final class Hammer {
    private static final int THREADS = 2;
    private static final int AT_ONCE = 8;

    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    private static final CertificateTable EC =
            new CertificateTable(List.of(TestCertificates.read(TestCertificates.EC)));
    private static final CertificateTable BOTH = new CertificateTable(
            List.of(TestCertificates.read(TestCertificates.EC), TestCertificates.read(TestCertificates.RSA)));

    private final BoringEngines engines = new BoringEngines(
            EC,
            rules(List.of()),
            List.of("h2", "http/1.1"),
            new TicketKeys(new SecureRandom(), Duration.ofSeconds(1), System.nanoTime()));
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();

    private static TlsRules rules(List<X509Certificate> authorities) {
        return new TlsRules(TlsLibrary.BORINGSSL, List.of("TLSv1.3", "TLSv1.2"), SUITES, authorities, false, false);
    }

    /**
     * Does it.
     *
     * @param arguments how many handshakes, and a seed
     */
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        Hammer hammer = new Hammer();
        hammer.everyCut();
        hammer.rounds(count / 5, seed);
        System.gc();
        long before = residentKib();
        hammer.rounds(count - count / 5, seed + 1);
        System.gc();
        long grown = residentKib() - before;
        hammer.engines.close();
        System.out.println("whole " + hammer.whole + " broken " + hammer.broken + " grown " + grown);
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    private static LoopTls loop() {
        ServerTls none = new ServerTls(
                List.of(TestCertificates.read(TestCertificates.EC)),
                new TlsRules(TlsLibrary.JDK, List.of("TLSv1.3"), SUITES, List.of(), false, false),
                Duration.ofSeconds(1),
                Runnable::run);
        return new LoopTls(new PretendLoop(), new BufferPool(), new Metrics(1).loop(0), none);
    }

    /** The client's first flight, and its second, cut at each byte. */
    private void everyCut() throws Exception {
        LoopTls loop = loop();
        for (boolean newest : List.of(true, false)) {
            for (int flights = 0; flights < 2; flights++) {
                int length = 1;
                for (int cut = 0; cut < length; cut++) {
                    try (NativePeer.Kind kind = new NativePeer.Kind(newest, "h2");
                            NativePeer peer = new NativePeer(kind, "localhost")) {
                        EngineEnd end = new EngineEnd(Objects.requireNonNull(engines.engine(loop)));
                        for (int flight = 0; flight < flights; flight++) {
                            end.receives(peer.sends());
                            peer.receives(end.sends());
                        }
                        byte[] next = peer.sends();
                        length = next.length;
                        end.receives(Arrays.copyOf(next, cut));
                        end.engine.close();
                    }
                }
            }
        }
    }

    private void rounds(int count, long seed) throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random random = new Random(seed * THREADS + i);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    handshakes(count / THREADS, random);
                } catch (Throwable fault) {
                    failure.set(fault);
                }
            }));
        }
        List<X509Certificate> authorities =
                List.of(TestCertificates.read(TestCertificates.RSA).own());
        boolean asked = false;
        for (Thread thread : threads) {
            while (!thread.join(Duration.ofMillis(20))) {
                asked = !asked;
                engines.change(rules(asked ? authorities : List.of()));
                engines.change(asked ? BOTH : EC);
            }
        }
        Throwable fault = failure.get();
        if (fault != null) {
            throw new AssertionError("seed " + seed, fault);
        }
    }

    /** Some at once, each a step further in turns, so that what belongs to one would be seen in another. */
    private void handshakes(int count, Random random) throws Exception {
        LoopTls loop = loop();
        try (NativePeer.Kind newest = new NativePeer.Kind(true, "h2");
                NativePeer.Kind older = new NativePeer.Kind(false)) {
            List<One> open = new ArrayList<>();
            for (int begun = 0; begun < count || !open.isEmpty(); ) {
                if (begun < count && open.size() < AT_ONCE) {
                    NativePeer.Kind kind = random.nextInt(4) == 0 ? older : newest;
                    if (random.nextInt(3) == 0) {
                        kind.forget();
                    }
                    open.add(new One(
                            new EngineEnd(Objects.requireNonNull(engines.engine(loop))),
                            new NativePeer(kind, "localhost"),
                            random));
                    begun++;
                } else {
                    open.removeIf(One::goesNoFurther);
                }
            }
        }
    }

    /** One client with its server's end. */
    private final class One {
        private final EngineEnd end;
        private final NativePeer peer;
        private final Random random;
        private final int breaksAt;
        private int step;

        One(EngineEnd end, NativePeer peer, Random random) {
            this.end = end;
            this.peer = peer;
            this.random = random;
            this.breaksAt = random.nextInt(3) == 0 ? random.nextInt(7) : Integer.MAX_VALUE;
        }

        /** Takes a step; whether it was the last, and all is freed. */
        boolean goesNoFurther() {
            boolean over;
            try {
                over = step == breaksAt ? breaks() : steps();
            } catch (SSLException refused) {
                broken.incrementAndGet();
                over = true;
            }
            step++;
            if (over) {
                end.engine.close();
                peer.close();
            }
            return over;
        }

        private boolean steps() throws SSLException {
            switch (step) {
                case 0, 2 -> end.receives(peer.sends());
                case 1, 3 -> peer.receives(end.sends());
                case 4 -> {
                    peer.says("ping");
                    end.receives(peer.sends());
                }
                case 5 -> peer.receives(end.says("pong"));
                default -> {
                    if (!end.text().equals("ping") || !peer.text().equals("pong")) {
                        throw new AssertionError("sent ping and pong, got " + end.text() + " and " + peer.text());
                    }
                    whole.incrementAndGet();
                    if (random.nextBoolean()) {
                        peer.closes();
                        end.receives(peer.sends());
                        end.engine.closeOutput();
                        end.sends();
                    }
                    return true;
                }
            }
            return peer.failed();
        }

        /** Ends it here, perhaps with bytes that are none of the protocol's. */
        private boolean breaks() throws SSLException {
            byte[] bytes = peer.sends();
            if (bytes.length == 0 || random.nextInt(4) == 0) {
                bytes = new byte[random.nextInt(600)];
                random.nextBytes(bytes);
                if (bytes.length > 3 && random.nextBoolean()) {
                    bytes[0] = (byte) random.nextInt(20, 24);
                    bytes[1] = 3;
                    bytes[3] = (byte) random.nextInt(2);
                }
            } else if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            }
            broken.incrementAndGet();
            try {
                end.receives(bytes);
            } finally {
                if (random.nextBoolean()) {
                    end.sends();
                }
            }
            return true;
        }
    }
}
