package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import terpan.config.Problem;
import terpan.metrics.MetricsFormat;
import terpan.picture.Picture;

/** Which request of an operator does what: the one table of paths. */
final class Router {
    private static final Pattern APPLICATION = Pattern.compile("/applications/([a-z][a-z0-9-]{0,31})(/.+)");
    private static final Pattern RESTART = Pattern.compile("/workers/(.{1,1024})/restart");
    private static final Pattern SCALE = Pattern.compile(
            "(?:/groups/([a-z][a-z0-9-]{0,31}(?:(?:/|%2F)[a-z][a-z0-9-]{0,31})?))?/scale/([0-9]{1,4}|auto)");
    private static final Pattern PAUSE = Pattern.compile("/pause/([0-9]{1,4})");
    private static final Pattern MAINTENANCE = Pattern.compile("/maintenance/on(?:/([^/]{1,4000}))?");
    private static final Pattern UPGRADE = Pattern.compile("/upgrade(?:/([^/]{1,12288}))?");
    private static final Pattern OPERATION = Pattern.compile("/operations/([0-9]{1,18})(\\.txt)?");
    private static final Pattern STACK = Pattern.compile("/workers/(.{1,1024})/stack");
    private static final Pattern REQUEST = Pattern.compile("/requests/([!-.0-~]{1,200})");
    static final String LIVE = "/live";
    static final String READY = "/ready";
    private static final Pattern LOG = Pattern.compile("/log/([0-9]{1,18})");
    static final String LINK = "/dashboard/link";
    static final String READER_LINK = "/dashboard/link/reader";
    private static final String LIST = """
            GET /healthz                  200 when requests can be served, else 503 with the reason
            GET /live                     200 as long as event loops and supervisor turn, else 503: over TCP without a token, as /ready
            GET /ready                    as /healthz
            GET /metrics                  all metrics in the text format of Prometheus, or in that of OpenMetrics or its
                                          protobuf messages where Accept asks for it
            GET /status                   everything as JSON
            GET /status.txt               the same as a table
            GET /advice                   what is wrong, and what the figures advise, as JSON; /advice.txt in lines
            GET /slow.txt                 the slowest requests of the last minutes, and where their time went
            GET /requests/ID              the way of one of those, of one that is open, or of one that failed, in words
            GET /log/N                    the last lines of the log whose number is over N, 500 at most, as JSON
            POST /workers/NAME/restart    replaces one worker: the new process is ready before the old one drains; an attached one that
                                          is left out is probed. Location says where its progress is told
            POST /workers/NAME/stack      has a worker write what its threads are at, and tells it
            POST /dashboard/link          an address of the dashboard that works once; /dashboard/link/reader for those who may only see
            POST /restart                 replaces all workers, one after the other
            POST /reload                  reads settings and code anew; what works takes the place of what serves, what does not changes nothing
            POST /reload/in-place         the same, and each old worker goes before a new one comes
            POST /rollback                leads back to the generation before the one that serves
            POST /scale/COUNT             gives the only group so many workers, until the next reload; /groups/NAME/scale/COUNT one of several
            POST /scale/auto              has the load say again how many, where the settings have a range
            POST /pause/SECONDS           holds new requests in the queue, for so long at most
            POST /resume                  ends that
            POST /maintenance/on          answers with the page for 503; /maintenance/on/A,B but for these addresses and networks
            POST /maintenance/off         ends that
            /applications/NAME/...        of one of several applications: status, status.txt, healthz, restart, reload, rollback, scale, pause,
                                          resume and maintenance as above
            POST /upgrade                 starts another process by the same command, which takes this one's place; /upgrade/PATH by another, with
                                          %2F for each slash
            GET /operations/ID            how far that has come, as JSON; with .txt behind it in lines
            POST /stop                    stops as a TERM signal does
            """;

    private final Operations operations;
    private final Optional<Dashboard> dashboard;

    Router(Operations operations, Optional<Dashboard> dashboard) {
        this.operations = operations;
        this.dashboard = dashboard;
    }

    Answer answer(AdminRequest request) throws IOException {
        String method = request.method();
        String path = request.path();
        if (path.equals("/metrics") && request.reads()) {
            return metrics(MetricsFormat.wanted(request.field("accept").orElse("")));
        }
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
        Optional<Answer> named = named(method, application, path);
        if (named.isPresent()) {
            return named.get();
        }
        return switch (path) {
            case LINK -> wrongMethod(method, "POST").orElseGet(() -> link(Role.OPERATOR));
            case READER_LINK -> wrongMethod(method, "POST").orElseGet(() -> link(Role.READER));
            case "/healthz" -> wrongMethod(method, "GET").orElseGet(() -> health(operations.health()));
            case LIVE ->
                wrongMethod(method, "GET")
                        .orElseGet(() -> health(operations
                                .hangs()
                                .<Health>map(Health.NotServing::new)
                                .orElseGet(Health.Serving::new)));
            case READY -> wrongMethod(method, "GET").orElseGet(() -> health(operations.health()));
            case "/status" ->
                wrongMethod(method, "GET")
                        .orElseGet(() -> Answer.json(200, StatusJson.write(operations.status()) + "\n"));
            case "/status.txt" ->
                wrongMethod(method, "GET").orElseGet(() -> Answer.text(200, StatusText.write(operations.status())));
            case "/advice" ->
                wrongMethod(method, "GET")
                        .orElseGet(() -> Answer.json(200, StatusJson.advice(operations.status()) + "\n"));
            case "/advice.txt" ->
                wrongMethod(method, "GET").orElseGet(() -> Answer.text(200, StatusText.advice(operations.status())));
            case "/slow.txt" ->
                wrongMethod(method, "GET").orElseGet(() -> Answer.text(200, RequestText.slow(operations.status())));
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
            case "/metrics" -> wrongMethod(method, "GET").orElseThrow();
            default -> Answer.text(404, "Nothing is at " + printable(path) + ". There is:\n" + LIST);
        };
    }

    /** What has a name or a number in its path; empty: that is none. */
    private Optional<Answer> named(String method, String application, String path) {
        Matcher operation = OPERATION.matcher(path);
        if (operation.matches()) {
            return Optional.of(wrongMethod(method, "GET")
                    .orElseGet(() -> operation(operation.group(1), operation.group(2) == null)));
        }
        Matcher scale = SCALE.matcher(path);
        if (scale.matches()) {
            OptionalInt count = scale.group(2).equals("auto")
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(scale.group(2)));
            return Optional.of(wrongMethod(method, "POST")
                    .orElseGet(() -> command(operations.scale(
                            application,
                            Optional.ofNullable(scale.group(1)).map(group -> group.replace("%2F", "/")),
                            count))));
        }
        Matcher maintenance = MAINTENANCE.matcher(path);
        if (maintenance.matches()) {
            return Optional.of(
                    wrongMethod(method, "POST").orElseGet(() -> maintenance(application, maintenance.group(1))));
        }
        Matcher upgrade = UPGRADE.matcher(path);
        if (upgrade.matches()) {
            return Optional.of(wrongMethod(method, "POST").orElseGet(() -> upgrade(upgrade.group(1))));
        }
        Matcher pause = PAUSE.matcher(path);
        if (pause.matches()) {
            Duration most = Duration.ofSeconds(Integer.parseInt(pause.group(1)));
            return Optional.of(
                    wrongMethod(method, "POST").orElseGet(() -> command(operations.pause(application, most))));
        }
        Matcher restart = RESTART.matcher(path);
        if (restart.matches()) {
            return Optional.of(wrongMethod(method, "POST")
                    .orElseGet(() -> worker(restart.group(1), name -> command(operations.restart(name)))));
        }
        Matcher request = REQUEST.matcher(path);
        if (request.matches()) {
            return Optional.of(wrongMethod(method, "GET").orElseGet(() -> explain(request.group(1))));
        }
        Matcher log = LOG.matcher(path);
        if (log.matches()) {
            return Optional.of(wrongMethod(method, "GET")
                    .orElseGet(() ->
                            Answer.json(200, LiveJson.log(operations.lines(Long.parseLong(log.group(1)))) + "\n")));
        }
        Matcher stack = STACK.matcher(path);
        if (stack.matches()) {
            return Optional.of(wrongMethod(method, "POST").orElseGet(() -> worker(stack.group(1), this::stack)));
        }
        return Optional.empty();
    }

    private static Optional<Answer> wrongMethod(String method, String wanted) {
        return method.equals(wanted)
                ? Optional.empty()
                : Optional.of(Answer.text(405, "Expected " + wanted + " here, not " + printable(method) + ".\n")
                        .with("Allow: " + wanted));
    }

    private static Answer worker(String encoded, Function<String, Answer> answer) {
        String name;
        try {
            name = URLDecoder.decode(encoded.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException malformed) {
            return Answer.text(400, "The worker's name has a percent sign without two hexadecimal digits behind it.\n");
        }
        return answer.apply(name);
    }

    private Answer link(Role role) {
        return dashboard
                .map(open -> Answer.text(200, open.invitation(role)))
                .orElseGet(
                        () -> Answer.text(
                                409,
                                "There is no dashboard: set bind = \"127.0.0.1:9000\" in [operators] (or --operators-bind 127.0.0.1:9000) and start Terpan again.\n"));
    }

    private Answer explain(String id) {
        return RequestText.explain(operations.status(), operations.lines(0), id)
                .map(text -> Answer.text(200, text))
                .orElseGet(
                        () -> Answer.text(
                                404,
                                "Nothing is known of " + id
                                        + ": of requests that are over the slowest and those that failed last are kept. The access log has all.\n"));
    }

    private Answer stack(String worker) {
        return switch (operations.stack(worker)) {
            case Operations.Stack.Told(List<String> lines) -> Answer.text(200, String.join("\n", lines) + "\n");
            case Operations.Stack.Not(boolean known, String why) -> Answer.text(known ? 409 : 404, why + "\n");
        };
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

    private Answer upgrade(@Nullable String program) {
        try {
            return command(operations.upgrade(
                    Optional.ofNullable(program).map(path -> Path.of(URLDecoder.decode(path, UTF_8)))));
        } catch (IllegalArgumentException malformed) {
            return Answer.text(
                    400,
                    "The program's path is none, or has a percent sign without two hexadecimal digits behind it.\n");
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

    private Answer metrics(MetricsFormat format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        operations.writeMetrics(out, format);
        return new Answer(200, format.mediaType(), "", ByteBuffer.wrap(out.toByteArray()));
    }

    private static Answer command(CommandResult result) {
        int status = switch (result) {
            case CommandResult.Accepted accepted -> 202;
            case CommandResult.NotFound notFound -> 404;
            case CommandResult.Refused refused -> 409;
            case CommandResult.Mistaken mistaken -> 422;
        };
        Answer answer = Answer.text(status, result.message() + "\n");
        return switch (result) {
            case CommandResult.Accepted(String message, String operation)
            when !operation.isEmpty() -> answer.with("Location: /operations/" + operation);
            case CommandResult.Mistaken(String message, Problem.Kind kind) ->
                answer.with(OperatorClient.MISTAKE + ": " + kind.name().toLowerCase(Locale.ROOT));
            case CommandResult.Accepted accepted -> answer;
            case CommandResult.NotFound notFound -> answer;
            case CommandResult.Refused refused -> answer;
        };
    }

    private static String printable(String text) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return shown.replaceAll("[^ -~]", "?");
    }
}
