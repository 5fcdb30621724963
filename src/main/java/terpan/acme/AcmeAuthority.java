package terpan.acme;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.AcmeJsonResource;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Certificate;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.Connection;
import org.shredzone.acme4j.connector.HttpConnector;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;
import org.shredzone.acme4j.toolbox.JSONBuilder;
import terpan.certificate.Authorities;
import terpan.certificate.CertificateReader;
import terpan.certificate.KeyPairs;
import terpan.certificate.Mistake;
import terpan.certificate.SelfSigned;
import terpan.certificate.SigningRequest;
import terpan.config.Acme;

/**
 * One run of orders with an authority, by acme4j, which speaks RFC 8555 and signs. Requests for certificates and the certificates of challenges
 * are ours: what the library has for them needs Bouncy Castle, 10 MiB that nothing else here is loaded from. Its own waiting is not used
 * either, for it takes the authority's clock for ours.
 */
final class AcmeAuthority implements Authority {
    private static final Duration CONNECT_MOST = Duration.ofSeconds(10);
    private static final Duration ANSWER_MOST = Duration.ofSeconds(30);
    private static final Duration STEP_MOST = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final Duration PAUSE_LEAST = Duration.ofMillis(500);
    private static final Duration PAUSE_MOST = Duration.ofSeconds(20);
    private static final Set<Status> OVER = EnumSet.of(
            Status.VALID, Status.INVALID, Status.DEACTIVATED, Status.EXPIRED, Status.REVOKED, Status.CANCELED);

    private final Acme settings;
    private final KeyPair account;
    private final Proofs proofs;
    private final InstantSource clock;
    private final BoundedClient client;
    private @Nullable Login login;

    /**
     * One that was not asked yet.
     *
     * @param account the pair of keys that it knows us by
     * @throws Refusal the file of those that issued its own certificate can not be used
     */
    AcmeAuthority(Acme settings, KeyPair account, Proofs proofs, InstantSource clock) throws Refusal {
        this.settings = settings;
        this.account = account;
        this.proofs = proofs;
        this.clock = clock;
        this.client = new BoundedClient(client(settings.trust()), clock);
    }

    private static HttpClient client(Optional<Path> trust) throws Refusal {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT_MOST).followRedirects(HttpClient.Redirect.NORMAL);
        if (trust.isPresent()) {
            builder.sslContext(trusting(trust.get()));
        }
        return builder.build();
    }

    private static SSLContext trusting(Path file) throws Refusal {
        List<Mistake> mistakes = new ArrayList<>();
        List<X509Certificate> issuers = CertificateReader.authorities(file, mistakes);
        if (!mistakes.isEmpty()) {
            throw new Refusal("tls.acme.trust is " + mistakes.getFirst());
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {Authorities.trusting(issuers)}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The library's provider of any authority, with our client. */
    private static final class Provider extends GenericAcmeProvider {
        private final HttpClient client;

        Provider(HttpClient client) {
            this.client = client;
        }

        @Override
        public HttpClient createHttpClient(NetworkSettings network) {
            return client;
        }

        @Override
        protected HttpConnector createHttpConnector(NetworkSettings network, HttpClient of) {
            return new HttpConnector(network, of) {
                @Override
                public HttpRequest.Builder createRequestBuilder(URL url) {
                    return super.createRequestBuilder(url)
                            .setHeader("User-Agent", "terpan " + HttpConnector.defaultUserAgent());
                }
            };
        }
    }

    @Override
    public Issued issue(String name) throws Refusal, InterruptedException {
        try {
            return order(login(), name);
        } catch (AcmeServerException said) {
            throw new Refusal("the authority refuses: " + said.getProblem(), client.notBefore());
        } catch (AcmeNetworkException unreachable) {
            throw new Refusal(unreachable(unreachable), client.notBefore());
        } catch (AcmeException failed) {
            throw new Refusal("the authority did not do it: " + failed.getMessage(), client.notBefore());
        }
    }

    private String unreachable(AcmeNetworkException failed) throws InterruptedException {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        if (cause.getCause() instanceof InterruptedException interrupted) {
            throw interrupted; // the library takes it for a failure of the network
        }
        String hint = cause instanceof SSLHandshakeException
                ? "; a private authority's issuers are named with tls.acme.trust"
                : "";
        return settings.authority() + " can not be asked: " + cause + hint;
    }

    /** Our account, which the authority makes at the first time and finds by its key later (RFC 8555, section 7.3.1). */
    private Login login() throws AcmeException, Refusal {
        Login known = login;
        if (known != null) {
            return known;
        }
        Session session = new Session(settings.authority(), new Provider(client));
        session.networkSettings().setTimeout(ANSWER_MOST);
        session.networkSettings().setCompressionEnabled(false); // an answer's bound is that of what is sent
        AccountBuilder builder = new AccountBuilder().useKeyPair(account).agreeToTermsOfService();
        settings.email().ifPresent(address -> builder.addContact(URI.create("mailto:" + address)));
        if (settings.external().isPresent()) {
            Acme.External external = settings.external().get();
            builder.withKeyIdentifier(external.id(), firstLine(external.keyFile()));
        }
        Login made = builder.createLogin(session);
        login = made;
        return made;
    }

    private static String firstLine(Path file) throws Refusal {
        try {
            return Files.readString(file, UTF_8).lines().findFirst().orElse("");
        } catch (IOException unreadable) {
            throw new Refusal("tls.acme.external-key-file is " + file + ", which can not be read: " + unreadable);
        }
    }

    private Issued order(Login with, String name) throws AcmeException, Refusal, InterruptedException {
        Order order = with.newOrder().domain(name).create();
        for (Authorization authorization : order.getAuthorizations()) {
            authorization.fetch();
            if (authorization.getStatus() != Status.VALID) {
                prove(authorization, name);
            }
        }
        await(order, EnumSet.of(Status.READY));
        KeyPair pair = KeyPairs.make();
        if (order.getStatus() == Status.READY) {
            try (Connection connection = with.getSession().connect()) {
                JSONBuilder claims = new JSONBuilder();
                claims.putBase64("csr", SigningRequest.of(name, pair));
                connection.sendSignedRequest(order.getFinalizeLocation(), claims, with);
            }
            await(order, Set.of());
        }
        if (order.getStatus() != Status.VALID) {
            throw new Refusal("the order is " + order.getStatus() + " with the authority"
                    + order.getError().map(error -> ": " + error).orElse(""));
        }
        Certificate certificate = order.getCertificate();
        certificate.download();
        return new Issued(pair.getPrivate(), certificate.getCertificateChain());
    }

    private void prove(Authorization authorization, String name) throws AcmeException, Refusal, InterruptedException {
        Challenge challenge = challenge(authorization, name);
        try {
            challenge.trigger();
            await(authorization, Set.of());
        } finally {
            proofs.over();
        }
        if (authorization.getStatus() != Status.VALID) {
            String why = authorization
                    .findChallenge(challenge.getClass())
                    .flatMap(Challenge::getError)
                    .map(Problem::toString)
                    .orElse("no reason is told");
            throw new Refusal(
                    "the authority could not see by " + challenge.getType() + " that the name is ours: " + why);
        }
    }

    /** Shows what the authority will look for. */
    private Challenge challenge(Authorization authorization, String name) throws Refusal {
        return switch (settings.challenge()) {
            case HTTP_01, AUTO -> {
                Http01Challenge http = authorization
                        .findChallenge(Http01Challenge.class)
                        .orElseThrow(() -> notOffered(Http01Challenge.TYPE));
                proofs.byHttp(http.getToken(), http.getAuthorization());
                yield http;
            }
            case TLS_ALPN_01 -> {
                TlsAlpn01Challenge tls = authorization
                        .findChallenge(TlsAlpn01Challenge.class)
                        .orElseThrow(() -> notOffered(TlsAlpn01Challenge.TYPE));
                proofs.byTls(name, SelfSigned.forChallenge(name, tls.getAcmeValidation(), clock.instant()));
                yield tls;
            }
        };
    }

    private static Refusal notOffered(String type) {
        return new Refusal("the authority does not offer " + type + " for it");
    }

    /** Asks until it is over, or one of those. */
    private <R extends AcmeJsonResource & PollableResource> void await(R what, Set<Status> those)
            throws AcmeException, Refusal, InterruptedException {
        Instant late = clock.instant().plus(STEP_MOST);
        Optional<Instant> again = what.fetch();
        while (!OVER.contains(what.getStatus()) && !those.contains(what.getStatus())) {
            Instant now = clock.instant();
            if (now.isAfter(late)) {
                throw new Refusal("the authority says for two minutes that it is " + what.getStatus());
            }
            Duration asked = again.map(at -> Duration.between(now, at)).orElse(PAUSE);
            Thread.sleep(Math.clamp(asked.toMillis(), PAUSE_LEAST.toMillis(), PAUSE_MOST.toMillis()));
            again = what.fetch();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
