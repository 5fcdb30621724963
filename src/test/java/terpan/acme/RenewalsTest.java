package terpan.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import terpan.certificate.SelfSigned;
import terpan.certificate.ServerCertificate;
import terpan.config.Acme;

/** What becomes of names, with an authority that does what the test says, files of a real folder, and a clock that the test sets. */
class RenewalsTest {
    private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");

    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final InstantSource clock = now::get;

    /** Why an order for a name is refused; those that are not there are issued. */
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

    private final ConcurrentLinkedQueue<String> ordered = new ConcurrentLinkedQueue<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private Renewals renewals = made();

    private Renewals made() {
        RandomGenerator middle = () -> 0; // nextDouble() is 0
        return new Renewals((settings, account) -> new Scripted(), new NoProofs(), () -> {}, clock, middle);
    }

    private static final class NoProofs implements Proofs {
        @Override
        public void byHttp(String token, String answer) {}

        @Override
        public void byTls(String name, ServerCertificate certificate) {}

        @Override
        public void over() {}
    }

    private final class Scripted implements Authority {
        @Override
        public Issued issue(String name) throws Refusal, InterruptedException {
            ordered.add(name);
            if (name.startsWith("slow")) {
                never.await();
            }
            Refusal refused = refusals.get(name);
            if (refused != null) {
                throw refused;
            }
            ServerCertificate made = SelfSigned.forChallenge(name, new byte[32], Objects.requireNonNull(now.get()));
            return new Issued(made.key(), made.chain());
        }

        @Override
        public void close() {}
    }

    @AfterEach
    void end() {
        renewals.close();
    }

    private Optional<Renewals.Wish> wish(String... names) {
        return Optional.of(Renewals.Wish.read(new Acme(
                List.of(names),
                Optional.empty(),
                URI.create("https://ca.example/directory"),
                Optional.empty(),
                Acme.Challenge.HTTP_01,
                folder,
                Optional.empty())));
    }

    private Renewals.Name name(String name) {
        return renewals.seen().names().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void begin(String... names) {
        renewals.change(wish(names));
        renewals.begin();
    }

    private void awaitOrders(int count) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> renewals.seen().issued() + renewals.seen().failed() == count);
    }

    /** What has to come to pass is looked at once more after the clock was set. */
    private void setClock(Instant to, String... names) {
        now.set(to);
        renewals.change(wish(names));
    }

    @Test
    void eachNameIsOrderedOnceAndRenewedWhenItIsTime() {
        begin("a.example", "b.example");
        awaitOrders(2);
        assertThat(ordered).containsExactly("a.example", "b.example");
        assertThat(renewals.inUse()).hasSize(2);
        Instant due = name("a.example").due();
        assertThat(due)
                .isEqualTo(RenewalTimes.renewal(NOW.minus(Duration.ofHours(1)), NOW.plus(Duration.ofDays(1)), 0));
        setClock(due.minusSeconds(60), "a.example", "b.example");
        assertThat(name("a.example").due()).isEqualTo(due);
        setClock(due.plusSeconds(1), "a.example", "b.example");
        awaitOrders(4);
        assertThat(name("a.example").due()).isAfter(due);
    }

    @Test
    void aFailureIsKeptWithItsPauseAndTakesNothingAway() throws Exception {
        begin("a.example", "b.example");
        awaitOrders(2);
        ServerCertificate old = name("a.example").certificate().orElseThrow();
        refusals.put("a.example", new Refusal("no reason"));
        setClock(name("a.example").due().plusSeconds(1), "a.example", "b.example");
        awaitOrders(4);
        Renewals.Name failed = name("a.example");
        assertThat(failed.certificate()).contains(old);
        assertThat(failed.failure().orElseThrow().why()).isEqualTo("no reason");
        assertThat(failed.due()).isEqualTo(Objects.requireNonNull(now.get()).plus(Duration.ofSeconds(162)));
        renewals.close();
        // Another start is told of it.
        renewals = made();
        begin("a.example", "b.example");
        assertThat(name("a.example").failure()).isEqualTo(failed.failure());
        assertThat(name("a.example").due()).isEqualTo(failed.due());
        refusals.clear();
        setClock(failed.due().plusSeconds(1), "a.example", "b.example");
        awaitOrders(1);
        assertThat(name("a.example").failure()).isEmpty();
        assertThat(new KeptCertificates(wish("a.example").orElseThrow().settings()).failure("a.example"))
                .isEmpty();
    }

    @Test
    void aReloadTriesAgainSoonButNotBeforeTheAuthorityWantsToBeAsked() {
        refusals.put("a.example", new Refusal("too many", Optional.of(NOW.plus(Duration.ofHours(1)))));
        refusals.put("b.example", new Refusal("it does not lead here"));
        begin("a.example", "b.example");
        awaitOrders(2);
        setClock(NOW.plusSeconds(10), "a.example", "b.example");
        assertThat(name("a.example").due()).isEqualTo(NOW.plus(Duration.ofHours(1)));
        assertThat(name("b.example").due()).isEqualTo(NOW.plusSeconds(11));
        setClock(NOW.plusSeconds(12), "a.example", "b.example");
        now.set(NOW.plusSeconds(14));
        awaitOrders(3);
        assertThat(ordered).containsExactly("a.example", "b.example", "b.example");
        assertThat(name("b.example").failure().orElseThrow().tries()).isEqualTo(2);
    }

    @Test
    void reloadsInARowDoNotPutOffWhatTheFirstOneAskedFor() {
        refusals.put("a.example", new Refusal("no"));
        begin("a.example");
        awaitOrders(1);
        for (int millis = 0; millis < 6_000; millis += 250) {
            setClock(NOW.plusMillis(millis), "a.example");
        }
        awaitOrders(2);
        assertThat(ordered).containsExactly("a.example", "a.example");
    }

    @Test
    void whatIsKeptIsUsedAndNobodyIsAsked() {
        begin("a.example");
        awaitOrders(1);
        ServerCertificate first = name("a.example").certificate().orElseThrow();
        renewals.close();
        renewals = made();
        begin("a.example");
        assertThat(renewals.inUse().getFirst().own()).isEqualTo(first.own());
        assertThat(renewals.inUse().getFirst().key()).isEqualTo(first.key());
        assertThat(ordered).containsExactly("a.example");
    }

    @Test
    void whatAnotherTerpanWasIssuedIsTakenInsteadOfAnOrder() {
        begin("a.example");
        awaitOrders(1);
        renewals.close();
        renewals = made();
        renewals.change(wish("a.example"));
        now.set(name("a.example").due().plusSeconds(1));
        Renewals other = made();
        try {
            other.change(wish("a.example"));
            other.begin();
            await().atMost(Duration.ofSeconds(20)).until(() -> other.seen().issued() == 1);
        } finally {
            other.close();
        }
        renewals.begin();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> name("a.example").due().isAfter(now.get()));
        assertThat(renewals.seen().issued()).isZero();
        assertThat(ordered).containsExactly("a.example", "a.example");
    }

    @Test
    void aFileThatIsBrokenIsOrderedAnew() throws Exception {
        begin("a.example");
        awaitOrders(1);
        renewals.close();
        Path file = new KeptCertificates(wish("a.example").orElseThrow().settings()).file("a.example");
        Files.writeString(file, Files.readString(file).substring(100));
        renewals = made();
        begin("a.example");
        awaitOrders(1);
        assertThat(ordered).containsExactly("a.example", "a.example");
        assertThat(renewals.inUse()).hasSize(1);
    }

    @Test
    void anOrderThatHangsHoldsUpNoChangeAndNoEnd() {
        begin("slow.example", "a.example");
        await().atMost(Duration.ofSeconds(20)).until(() -> ordered.contains("slow.example"));
        renewals.change(wish("a.example"));
        assertThat(renewals.seen().names()).hasSize(1);
        long before = System.nanoTime();
        renewals.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void whereNothingCanBeKeptNothingIsOrdered() throws Exception {
        Files.writeString(folder.resolve("ca.example-directory"), "in the way");
        begin("a.example");
        awaitOrders(1);
        assertThat(ordered).isEmpty();
        assertThat(name("a.example").failure().orElseThrow().why()).startsWith("nothing can be kept in " + folder);
    }
}
