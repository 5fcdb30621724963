package terpan.acme;

import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.certificate.ServerCertificate;
import terpan.config.Acme;

/**
 * Sees to it that each name has a certificate, and another one in time: one thread orders one after the other, and whatever fails is tried
 * again and takes no certificate away. Thread-safe; only its own thread waits for the authority and, while it serves, for the disk.
 */
public final class Renewals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);

    private static final Duration ORDER_MOST = Duration.ofMinutes(5);

    /** A name that is new by a reload is ordered a little later, when listeners that are new by it listen. */
    private static final Duration SETTLE = Duration.ofSeconds(1);

    /** One that failed is tried at once by a reload, but not more often. */
    private static final Duration RELOAD_PAUSE = Duration.ofSeconds(5);

    /** The clock may be set while nothing is due. */
    private static final Duration SLEEP_MOST = Duration.ofHours(1);

    private static final Duration END_MOST = Duration.ofSeconds(1);

    /** How an authority is begun with. */
    interface Authorities {
        Authority with(Acme settings, KeyPair account) throws Refusal;
    }

    /**
     * What is asked for, with what is kept of it.
     *
     * @param names in their order
     */
    public record Wish(Acme settings, Map<String, Kept> names) {
        /** Reads what is kept; may wait for a disk. */
        public static Wish read(Acme settings) {
            KeptCertificates kept = new KeptCertificates(settings);
            Map<String, Kept> names = new LinkedHashMap<>();
            settings.names().forEach(name -> names.put(name, new Kept(kept.certificate(name), kept.failure(name))));
            return new Wish(settings, names);
        }
    }

    /** What is kept of one name. */
    public record Kept(Optional<ServerCertificate> certificate, Optional<Failure> failure) {}

    /**
     * One name as it is seen.
     *
     * @param due when its next order is
     */
    public record Name(String name, Optional<ServerCertificate> certificate, Instant due, Optional<Failure> failure) {}

    /**
     * All of it at one moment.
     *
     * @param issued certificates that were had since the start
     * @param failed orders that failed since the start
     */
    public record Seen(long issued, long failed, List<Name> names) {
        /** Of no names. */
        public static final Seen NONE = new Seen(0, 0, List.of());
    }

    private record Job(Acme settings, KeptCertificates kept, Name name) {}

    private final Authorities authorities;
    private final Proofs proofs;
    private final Runnable changed;
    private final InstantSource clock;
    private final RandomGenerator random;

    // Guarded by this.
    private Optional<Acme> settings = Optional.empty();
    private Map<String, Name> names = new LinkedHashMap<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** Changed with this as the lock. */
    private volatile Seen seen = Seen.NONE;

    /** With whom orders are under way; belongs to the thread. */
    private Optional<Authority> authority = Optional.empty();

    private Optional<Acme> askedBy = Optional.empty();

    /**
     * Renewals of nothing yet.
     *
     * @param changed runs when {@link #inUse} is something else, on any thread; must not wait
     * @param random for jitter
     */
    public Renewals(Proofs proofs, Runnable changed, InstantSource clock, RandomGenerator random) {
        this(
                (settings, account) -> new AcmeAuthority(settings, account, proofs, clock),
                proofs,
                changed,
                clock,
                random);
    }

    Renewals(Authorities authorities, Proofs proofs, Runnable changed, InstantSource clock, RandomGenerator random) {
        this.authorities = authorities;
        this.proofs = proofs;
        this.changed = changed;
        this.clock = clock;
        this.random = random;
    }

    /** Certificates of names that have one, in the order of the settings. */
    public List<ServerCertificate> inUse() {
        return seen.names().stream()
                .flatMap(name -> name.certificate().stream())
                .toList();
    }

    /** As it is now. */
    public Seen seen() {
        return seen;
    }

    /** Other names, or another authority, from now on; what certificates there are of them stay in use. Never waits. */
    public void change(Optional<Wish> wish) {
        synchronized (this) {
            Map<String, Name> before = names;
            names = new LinkedHashMap<>();
            wish.ifPresent(wished -> wished.names()
                    .forEach((name, kept) -> names.put(name, name(wished.settings(), name, kept, before))));
            settings = wish.map(Wish::settings);
            publish(seen.issued(), seen.failed());
            notifyAll();
        }
        changed.run();
    }

    private Name name(Acme wanted, String name, Kept kept, Map<String, Name> before) {
        Instant now = clock.instant();
        boolean same =
                settings.filter(was -> was.folder().equals(wanted.folder())).isPresent();
        Optional<Name> known = Optional.ofNullable(before.get(name));
        Optional<ServerCertificate> had = known.flatMap(Name::certificate);
        Optional<Failure> failure = same && known.isPresent() ? known.get().failure() : kept.failure();
        // What is kept was read a while ago; of another authority it is taken until there is one of this.
        Optional<ServerCertificate> certificate =
                same ? newer(had, kept.certificate()) : kept.certificate().or(() -> had);
        if (failure.isPresent()) {
            Failure last = failure.get();
            boolean reload = known.isPresent() && !last.asked();
            Instant soon = later(last.at().plus(RELOAD_PAUSE), now.plus(SETTLE));
            Instant due = reload && soon.isBefore(last.next()) ? soon : last.next();
            return new Name(name, certificate, notLater(known, due), failure);
        }
        boolean ours = same || kept.certificate().isPresent();
        if (certificate.isEmpty() || !ours) {
            Instant due = thread == null ? now : now.plus(SETTLE);
            return new Name(name, certificate, notLater(known, due), failure);
        }
        boolean unchanged = had.equals(certificate) && same;
        return new Name(
                name, certificate, unchanged ? known.get().due() : renewal(certificate.get()), Optional.empty());
    }

    /** What one reload has asked for no other puts off: reloads in a row would keep it from ever being ordered. */
    private static Instant notLater(Optional<Name> known, Instant due) {
        return known.map(Name::due).filter(set -> set.isBefore(due)).orElse(due);
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static Optional<ServerCertificate> newer(
            Optional<ServerCertificate> one, Optional<ServerCertificate> other) {
        return other.isPresent()
                        && (one.isEmpty()
                                || other.get().expiry().isAfter(one.get().expiry()))
                ? other
                : one;
    }

    private Instant renewal(ServerCertificate certificate) {
        return RenewalTimes.renewal(
                certificate.own().getNotBefore().toInstant(), certificate.expiry(), random.nextDouble());
    }

    /** Names are ordered from now on, for listeners listen. More than once does no harm. */
    public synchronized void begin() {
        if (thread != null || closed || settings.isEmpty()) {
            return;
        }
        List<String> without = names.values().stream()
                .filter(name -> name.certificate().isEmpty())
                .map(Name::name)
                .toList();
        if (!without.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("names", String.join(", ", without))
                    .log(
                            "names have no certificate yet: TLS handshakes for them fail until the authority has issued one");
        }
        thread = Thread.ofPlatform().name("terpan-acme").daemon().start(this::run);
    }

    private void run() {
        try {
            for (Optional<Job> job = next(); job.isPresent(); job = next()) {
                carryOut(job.get());
                if (!isDue()) {
                    closeAuthority();
                }
            }
        } catch (InterruptedException closing) {
            // It was told to end.
        } finally {
            closeAuthority();
        }
    }

    /** Waits until something is due; empty: it is to end. */
    private synchronized Optional<Job> next() throws InterruptedException {
        while (!closed) {
            Optional<Name> next = names.values().stream().min(Comparator.comparing(Name::due));
            Duration left = next.map(name -> Duration.between(clock.instant(), name.due()))
                    .filter(pause -> pause.compareTo(SLEEP_MOST) < 0)
                    .orElse(SLEEP_MOST);
            if (left.isNegative() || left.isZero()) {
                Acme wanted = settings.orElseThrow();
                return Optional.of(new Job(wanted, new KeptCertificates(wanted), next.orElseThrow()));
            }
            wait(left.toMillis() + 1);
        }
        return Optional.empty();
    }

    private synchronized boolean isDue() {
        Instant now = clock.instant();
        return names.values().stream().anyMatch(name -> !name.due().isAfter(now));
    }

    private void carryOut(Job job) throws InterruptedException {
        String name = job.name().name();
        Optional<ServerCertificate> kept = job.kept().certificate(name);
        if (kept.isPresent() && isOthers(job.name(), kept.get())) {
            took(job, kept.get(), false);
            return;
        }
        try {
            job.kept().prepare();
            Authority.Issued issued = order(job);
            took(job, keep(job, issued), true);
        } catch (Refusal refused) {
            failed(job, refused);
        } catch (IOException disk) {
            closeAuthority();
            failed(job, new Refusal("nothing can be kept in " + job.settings().directory() + ": " + disk));
        }
    }

    /** Another Terpan has the same directory, and was there before. */
    private boolean isOthers(Name known, ServerCertificate kept) {
        boolean newer = known.certificate()
                .map(own -> kept.expiry().isAfter(own.expiry()))
                .orElse(true);
        return newer && renewal(kept).isAfter(clock.instant());
    }

    private Authority.Issued order(Job job) throws Refusal, IOException, InterruptedException {
        if (authority.isEmpty() || !askedBy.equals(Optional.of(job.settings()))) {
            closeAuthority();
            authority = Optional.of(authorities.with(job.settings(), job.kept().accountKey()));
            askedBy = Optional.of(job.settings());
        }
        Authority asked = authority.get();
        FutureTask<Authority.Issued> order =
                new FutureTask<>(() -> asked.issue(job.name().name()));
        boolean well = false;
        try {
            Thread.ofPlatform().name("terpan-acme-order").daemon().start(order);
            Authority.Issued issued = order.get(ORDER_MOST.toMillis(), TimeUnit.MILLISECONDS);
            well = true;
            return issued;
        } catch (OutOfMemoryError noThread) {
            throw new Refusal("no thread can be had for it: " + noThread.getMessage());
        } catch (TimeoutException late) {
            throw new Refusal("there was no certificate within " + ORDER_MOST.toMinutes() + " minutes");
        } catch (ExecutionException failed) {
            throw refusal(failed.getCause());
        } finally {
            order.cancel(true);
            proofs.over();
            if (!well) {
                closeAuthority();
            }
        }
    }

    private static Refusal refusal(@Nullable Throwable cause) throws InterruptedException {
        return switch (cause) {
            case Refusal refused -> refused;
            case InterruptedException interrupted -> throw interrupted;
            case Error error -> throw error;
            case null, default -> {
                // The library's word for an answer that is none of RFC 8555.
                LOG.atError().setCause(cause).log("an order of a certificate failed");
                yield new Refusal("the authority's answers make no sense: " + cause);
            }
        };
    }

    /** The certificate that was issued, as the next start will read it. */
    private ServerCertificate keep(Job job, Authority.Issued issued) throws Refusal, IOException {
        String name = job.name().name();
        job.kept().keep(name, issued);
        return job.kept()
                .certificate(name)
                .orElseThrow(() -> new Refusal("the authority issued a certificate that can not be used: see "
                        + job.kept().file(name)));
    }

    private void took(Job job, ServerCertificate certificate, boolean issued) {
        String name = job.name().name();
        try {
            job.kept().forgetFailure(name);
        } catch (IOException stays) {
            LOG.atWarn()
                    .addKeyValue("name", name)
                    .addKeyValue("why", stays)
                    .log("the word of a failure that is over can not be removed");
        }
        Instant due = renewal(certificate);
        put(job, new Name(name, Optional.of(certificate), due, Optional.empty()), issued ? 1 : 0, 0);
        LOG.atInfo()
                .addKeyValue("name", name)
                .addKeyValue("expires", certificate.expiry())
                .addKeyValue("renewal", due)
                .log(issued ? "a certificate was issued" : "a certificate that another Terpan was issued is used");
    }

    private void failed(Job job, Refusal refused) {
        Name known = job.name();
        Instant now = clock.instant();
        int tries = known.failure().map(Failure::tries).orElse(0) + 1;
        Optional<Duration> life = known.certificate()
                .map(own -> Duration.between(own.own().getNotBefore().toInstant(), own.expiry()));
        Instant next =
                RenewalTimes.next(now, RenewalTimes.pause(tries, life, random.nextDouble()), refused.notBefore());
        Failure failure = new Failure(tries, now, next, refused.notBefore().isPresent(), refused.why());
        boolean serves =
                known.certificate().filter(own -> own.expiry().isAfter(now)).isPresent();
        (serves ? LOG.atWarn() : LOG.atError())
                .addKeyValue("name", known.name())
                .addKeyValue("why", failure.why())
                .addKeyValue("tries", tries)
                .addKeyValue("next", next)
                .log(
                        serves
                                ? "a certificate could not be renewed; the old one stays"
                                : "a certificate could not be had");
        try {
            job.kept().keepFailure(known.name(), failure);
        } catch (IOException disk) {
            LOG.atWarn()
                    .addKeyValue("name", known.name())
                    .addKeyValue("why", disk)
                    .log("the word of a failure can not be kept");
        }
        put(job, new Name(known.name(), known.certificate(), next, Optional.of(failure)), 0, 1);
    }

    /** What became of a job, if it is still asked for. */
    private void put(Job job, Name now, int issued, int failed) {
        synchronized (this) {
            boolean wanted = settings.filter(job.settings()::equals).isPresent() && names.containsKey(now.name());
            if (wanted) {
                names.put(now.name(), now);
            }
            publish(seen.issued() + issued, seen.failed() + failed);
        }
        changed.run();
    }

    private synchronized void publish(long issued, long failed) {
        seen = new Seen(issued, failed, List.copyOf(names.values()));
    }

    private void closeAuthority() {
        authority.ifPresent(Authority::close);
        authority = Optional.empty();
    }

    /** Ends it; an order that is under way is given up. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            notifyAll();
        }
        if (running != null) {
            running.interrupt();
            try {
                var _ = running.join(END_MOST);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
