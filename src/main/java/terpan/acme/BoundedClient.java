package terpan.acme;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A client that takes no longer answer than an authority has to give, and remembers when a refusal said to come again (RFC 8555, section 6.6;
 * RFC 9110, section 10.2.3): the library tells that of one kind of refusal alone.
 */
final class BoundedClient extends HttpClient {
    private static final long ANSWER_MOST = 1L << 20;
    private static final int FAILED = 400;
    private static final int DIGITS_MOST = 9;

    private final HttpClient client;
    private final InstantSource clock;
    private volatile Optional<Instant> notBefore = Optional.empty();

    BoundedClient(HttpClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /** Before when it does not want to be asked again, as its last answer says. */
    Optional<Instant> notBefore() {
        return notBefore;
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        notBefore = Optional.empty();
        HttpResponse<T> response = client.send(request, HttpResponse.BodyHandlers.limiting(handler, ANSWER_MOST));
        if (response.statusCode() >= FAILED) {
            notBefore = retryAfter(response.headers(), clock.instant());
        }
        return response;
    }

    static Optional<Instant> retryAfter(HttpHeaders fields, Instant now) {
        return fields.firstValue("Retry-After").map(String::strip).flatMap(said -> {
            if (said.matches("[0-9]{1," + DIGITS_MOST + "}")) {
                return Optional.of(now.plusSeconds(Long.parseLong(said)));
            }
            try {
                return Optional.of(ZonedDateTime.parse(said, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant());
            } catch (DateTimeException nonsense) {
                return Optional.empty();
            }
        });
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        throw new UnsupportedOperationException("whoever orders waits");
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, HttpResponse.BodyHandler<T> handler, HttpResponse.PushPromiseHandler<T> pushed) {
        throw new UnsupportedOperationException("whoever orders waits");
    }

    @Override
    public void shutdownNow() {
        client.shutdownNow();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }
}
