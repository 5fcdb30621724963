package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import terpan.picture.Picture;

/** Which request of an operator does what: the one table of paths. */
final class Router {
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final Pattern APPLICATION = Pattern.compile("/applications/([a-z][a-z0-9-]{0,31})(/.+)");
    private static final Pattern RESTART = Pattern.compile("/workers/(.{1,1024})/restart");
    private static final Pattern SCALE =
            Pattern.compile("(?:/groups/([a-z][a-z0-9-]{0,31}(?:(?:/|%2F)[a-z][a-z0-9-]{0,31})?))?/scale/([0-9]{1,4})");
    private static final Pattern PAUSE = Pattern.compile("/pause/([0-9]{1,4})");
    private static final Pattern MAINTENANCE = Pattern.compile("/maintenance/on(?:/([^/]{1,4000}))?");
    private static final Pattern OPERATION = Pattern.compile("/operations/([0-9]{1,18})(\\.txt)?");
    private static final String LIST = """
            GET /healthz                  200 when requests can be served, else 503 with the reason
            GET /metrics                  all metrics in the Prometheus text format
            GET /status                   everything as JSON
            GET /status.txt               the same as a table
            POST /workers/NAME/restart    replaces one worker: the new process is ready before the old one drains; an attached one that
                                          is left out is probed. Location says where its progress is told
            POST /restart                 replaces all workers, one after the other
            POST /reload                  reads settings and code anew; what works takes the place of what serves, what does not changes nothing
            POST /reload/in-place         the same, and each old worker goes before a new one comes
            POST /rollback                leads back to the generation before the one that serves
            POST /scale/COUNT             gives the only group so many workers, until the next reload; /groups/NAME/scale/COUNT one of several
            POST /pause/SECONDS           holds new requests in the queue, for so long at most
            POST /resume                  ends that
            POST /maintenance/on          answers with the page for 503; /maintenance/on/A,B but for these addresses and networks
            POST /maintenance/off         ends that
            /applications/NAME/...        of one of several applications: status, status.txt, healthz, restart, reload, rollback, scale, pause,
                                          resume and maintenance as above
            GET /operations/ID            how far that has come, as JSON; with .txt behind it in lines
            POST /stop                    stops as a TERM signal does
            """;

    private final Operations operations;

    Router(Operations operations) {
        this.operations = operations;
    }

    Answer answer(String method, String path) throws IOException {
        Matcher named = APPLICATION.matcher(path);
        return named.matches() ? ofOne(method, named.group(1), named.group(2)) : of(method, "", path);
    }

    /** What is of one application of several. */
    private Answer ofOne(String method, String application, String path) throws IOException {
        return switch (path) {
            case "/healthz" ->
                wrongMethod(method, "GET")
                        .orElseGet(() -> operations
                                .health(application)
                                .map(Router::health)
                                .orElseGet(() -> unknown(application)));
            case "/status" ->
                status(method, application, picture -> Answer.json(200, StatusJson.write(picture) + "\n"));
            case "/status.txt" -> status(method, application, picture -> Answer.text(200, StatusText.write(picture)));
            case "/metrics", "/stop" -> Answer.text(404, "This is of all applications: ask for " + path + ".\n");
            default -> of(method, application, path);
        };
    }

    private Answer status(String method, String application, Function<Picture, Answer> as) {
        return wrongMethod(method, "GET")
                .orElseGet(() -> operations.status(application).map(as).orElseGet(() -> unknown(application)));
    }

    private static Answer unknown(String application) {
        return Answer.text(404, "There is no application " + application + ".\n");
    }

    /** What is of all applications, or, where it is named, may be of one. */
    private Answer of(String method, String application, String path) throws IOException {
        Matcher operation = OPERATION.matcher(path);
        if (operation.matches()) {
            return wrongMethod(method, "GET")
                    .orElseGet(() -> operation(operation.group(1), operation.group(2) == null));
        }
        Matcher scale = SCALE.matcher(path);
        if (scale.matches()) {
            int count = Integer.parseInt(scale.group(2));
            return wrongMethod(method, "POST")
                    .orElseGet(() -> command(operations.scale(
                            application,
                            Optional.ofNullable(scale.group(1)).map(group -> group.replace("%2F", "/")),
                            count)));
        }
        Matcher maintenance = MAINTENANCE.matcher(path);
        if (maintenance.matches()) {
            return wrongMethod(method, "POST").orElseGet(() -> maintenance(application, maintenance.group(1)));
        }
        Matcher pause = PAUSE.matcher(path);
        if (pause.matches()) {
            Duration most = Duration.ofSeconds(Integer.parseInt(pause.group(1)));
            return wrongMethod(method, "POST").orElseGet(() -> command(operations.pause(application, most)));
        }
        Matcher restart = RESTART.matcher(path);
        if (restart.matches()) {
            return wrongMethod(method, "POST").orElseGet(() -> restart(restart.group(1)));
        }
        return switch (path) {
            case "/healthz" -> wrongMethod(method, "GET").orElseGet(() -> health(operations.health()));
            case "/status" ->
                wrongMethod(method, "GET")
                        .orElseGet(() -> Answer.json(200, StatusJson.write(operations.status()) + "\n"));
            case "/status.txt" ->
                wrongMethod(method, "GET").orElseGet(() -> Answer.text(200, StatusText.write(operations.status())));
            case "/restart" -> wrongMethod(method, "POST").orElseGet(() -> command(operations.restartAll(application)));
            case "/reload" ->
                wrongMethod(method, "POST").orElseGet(() -> command(operations.reload(application, false)));
            case "/reload/in-place" ->
                wrongMethod(method, "POST").orElseGet(() -> command(operations.reload(application, true)));
            case "/rollback" -> wrongMethod(method, "POST").orElseGet(() -> command(operations.rollback(application)));
            case "/maintenance/off" ->
                wrongMethod(method, "POST").orElseGet(() -> command(operations.endMaintenance(application)));
            case "/resume" -> wrongMethod(method, "POST").orElseGet(() -> command(operations.resume(application)));
            case "/stop" -> wrongMethod(method, "POST").orElseGet(() -> command(operations.stop()));
            case "/metrics" -> {
                Optional<Answer> wrong = wrongMethod(method, "GET");
                yield wrong.isPresent() ? wrong.get() : metrics();
            }
            default -> Answer.text(404, "Nothing is at " + printable(path) + ". There is:\n" + LIST);
        };
    }

    private static Optional<Answer> wrongMethod(String method, String wanted) {
        return method.equals(wanted)
                ? Optional.empty()
                : Optional.of(new Answer(
                        405,
                        Answer.TEXT,
                        wanted,
                        "",
                        "",
                        "Expected " + wanted + " here, not " + printable(method) + ".\n"));
    }

    private Answer restart(String worker) {
        try {
            return command(operations.restart(URLDecoder.decode(worker.replace("+", "%2B"), UTF_8)));
        } catch (IllegalArgumentException malformed) {
            return Answer.text(400, "The worker's name has a percent sign without two hexadecimal digits behind it.\n");
        }
    }

    private Answer maintenance(String application, @Nullable String through) {
        try {
            String addresses = through == null ? "" : URLDecoder.decode(through, UTF_8);
            return command(operations.maintenance(
                    application, addresses.isEmpty() ? List.of() : List.of(addresses.split(",", -1))));
        } catch (IllegalArgumentException malformed) {
            return Answer.text(400, "The addresses have a percent sign without two hexadecimal digits behind it.\n");
        }
    }

    private Answer operation(String id, boolean json) {
        return operations
                .operation(id)
                .map(known -> json ? Answer.json(200, known.json()) : Answer.text(200, known.text()))
                .orElseGet(() -> Answer.text(404, "No operation " + id + " is known; the last ones are.\n"));
    }

    private static Answer health(Health health) {
        return switch (health) {
            case Health.Serving serving -> Answer.text(200, "ok\n");
            case Health.NotServing(String reason) -> Answer.text(503, "not serving: " + reason + "\n");
        };
    }

    private Answer metrics() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        operations.writeMetrics(out);
        return new Answer(200, METRICS_TYPE, "", "", "", out.toString(UTF_8));
    }

    private static Answer command(CommandResult result) {
        int status = switch (result) {
            case CommandResult.Accepted accepted -> 202;
            case CommandResult.NotFound notFound -> 404;
            case CommandResult.Refused refused -> 409;
            case CommandResult.Mistaken mistaken -> 422;
        };
        String operation = result instanceof CommandResult.Accepted accepted ? accepted.operation() : "";
        String location = operation.isEmpty() ? "" : "/operations/" + operation;
        String mistake = result instanceof CommandResult.Mistaken mistaken
                ? mistaken.kind().name().toLowerCase(Locale.ROOT)
                : "";
        return new Answer(status, Answer.TEXT, "", location, mistake, result.message() + "\n");
    }

    private static String printable(String text) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return shown.replaceAll("[^ -~]", "?");
    }
}
