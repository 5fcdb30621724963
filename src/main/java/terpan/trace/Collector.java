package terpan.trace;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import terpan.config.TraceFields;
import terpan.config.TraceSettings;
import terpan.json.JsonNode;

/**
 * Whoever takes spans, by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp): one message, one answer, each within a
 * deadline. For one thread, which waits here.
 */
final class Collector {
    /** What became of a message. */
    sealed interface Outcome {
        /** It was taken, but for so many spans. */
        record Taken(long rejected, String why) implements Outcome {}

        /** It may be sent again, after this time. */
        record Later(Duration pause, String why) implements Outcome {}

        /** It will never be taken. */
        record Refused(String why) implements Outcome {}
    }

    private static final Duration CONNECT_MOST = Duration.ofSeconds(5);
    private static final Duration PAUSE_MOST = Duration.ofSeconds(30);
    private static final long ANSWER_MOST = 64 * 1024;
    private static final int SHOWN_MOST = 200;
    private static final int OK = 200;
    private static final int OK_END = 300;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_MOST)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** Where spans go: the path of the endpoint with v1/traces behind it. */
    static URI address(URI endpoint) {
        String text = endpoint.toString();
        return URI.create(text + (text.endsWith("/") ? "" : "/") + "v1/traces");
    }

    /**
     * Sends one message.
     *
     * @param most how long its answer may take, with connecting and all
     */
    Outcome send(TraceSettings settings, String message, Duration most) throws InterruptedException {
        HttpRequest request;
        try {
            request = request(settings, message);
        } catch (IOException unusable) {
            Path file = settings.fieldsFile().orElseThrow();
            return new Outcome.Later(Duration.ZERO, "traces.fields-file is " + file + ", " + unusable.getMessage());
        }
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), ANSWER_MOST));
        try {
            return outcome(answer.get(most.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException failed) {
            return new Outcome.Later(Duration.ZERO, "it was not reached: " + why(failed));
        } catch (TimeoutException late) {
            return new Outcome.Later(Duration.ZERO, "no answer within " + most.toSeconds() + " s");
        } finally {
            answer.cancel(true);
        }
    }

    /** The fields are read for each message: a token may be another since the last. */
    private static HttpRequest request(TraceSettings settings, String message) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        address(settings.collector().orElseThrow()))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(message));
        if (settings.fieldsFile().isPresent()) {
            TraceFields.read(settings.fieldsFile().get())
                    .fields()
                    .forEach(field -> request.setHeader(field.name(), field.value()));
        }
        return request.build();
    }

    private static String why(ExecutionException failed) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
    }

    private static Outcome outcome(HttpResponse<String> answer) {
        int status = answer.statusCode();
        if (status >= OK && status < OK_END) {
            return taken(answer.body());
        }
        String why = "it answered with " + status;
        return switch (status) {
            case 429, 502, 503, 504 -> new Outcome.Later(retryAfter(answer), why);
            default -> new Outcome.Refused(why + shown(answer.body()));
        };
    }

    private static Outcome taken(String body) {
        try {
            JsonNode partial = JsonNode.read(body.isBlank() ? "{}" : body).get("partialSuccess");
            return new Outcome.Taken(partial.whole("rejectedSpans"), partial.text("errorMessage"));
        } catch (IllegalArgumentException notJson) {
            return new Outcome.Taken(0, "");
        }
    }

    private static String shown(String body) {
        String text = body.strip();
        return text.isEmpty() ? "" : ": " + (text.length() > SHOWN_MOST ? text.substring(0, SHOWN_MOST) + "..." : text);
    }

    /** RFC 9110, section 10.2.3, in seconds; a date is taken for none. */
    private static Duration retryAfter(HttpResponse<String> answer) {
        Duration said = answer.headers()
                .firstValue("Retry-After")
                .map(String::strip)
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(Duration.ZERO);
        return said.compareTo(PAUSE_MOST) > 0 ? PAUSE_MOST : said;
    }

    /** Waits for nobody. */
    void close() {
        client.shutdownNow();
    }
}
