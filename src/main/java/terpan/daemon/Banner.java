package terpan.daemon;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import terpan.config.Attach;
import terpan.config.Loaded;
import terpan.config.LogService;
import terpan.config.LogSettings;
import terpan.config.Route;
import terpan.config.Settings;
import terpan.worker.RunDirectory;

/** What a person needs to know once requests are served. */
final class Banner {
    /** The column where what is told begins. */
    private static final int NAMES = 12;

    private Banner() {}

    /** Writes it in one piece, so that no line of a log stands within it. */
    static void print(
            PrintStream out,
            Settings settings,
            Loaded.Ready read,
            List<String> addresses,
            RunDirectory directory,
            Optional<String> dashboard) {
        byte[] bytes = text(settings, read, addresses, directory, dashboard).getBytes(out.charset());
        out.write(bytes, 0, bytes.length);
        out.flush();
    }

    private static String text(
            Settings settings,
            Loaded.Ready read,
            List<String> addresses,
            RunDirectory directory,
            Optional<String> dashboard) {
        StringBuilder text = new StringBuilder("\n");
        addresses.forEach(address -> line(text, "Serving", address));
        read.sites().forEach(site -> {
            String routes = site.routes().isEmpty()
                    ? "all else"
                    : String.join(
                            ", ", site.routes().stream().map(Route::toString).toList());
            line(text, "Site", site.name() + " for " + routes);
            site.ready().ifPresent(its -> served(text, its.settings()));
        });
        served(text, settings);
        String log = place(settings.log().to(), settings.log().file(), "standard error");
        line(text, "Log", log + "; access log " + access(settings.log()));
        line(text, "Operators", directory.operatorsSocket() + "  (terpan status, restart WORKER, stop)");
        dashboard.ifPresent(place ->
                line(text, "Dashboard", "http://" + place + "/  (terpan dashboard prints a link that opens it)"));
        line(
                text,
                "Stop",
                "Ctrl-C or TERM to process " + ProcessHandle.current().pid()
                        + ": every accepted request is answered first");
        return text.append("\n").toString();
    }

    private static void served(StringBuilder text, Settings settings) {
        settings.application().ifPresent(application -> {
            line(text, "Application", application.name() + " in " + application.chdir());
            String python = application.python().map(Object::toString).orElse("python3");
            settings.groups().forEach(group -> line(text, "Workers", workers(group) + ", python " + python));
        });
        settings.attach().forEach(worker -> line(text, "Attached", attached(worker)));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  ")
                .append(name)
                .repeat(' ', NAMES - name.length())
                .append(value)
                .append('\n');
    }

    private static String workers(Settings.WorkerGroup group) {
        String server = group.server().name();
        String named = group.name().equals(server) ? "" : " named " + group.name();
        String socket = switch (group.socket()) {
            case PRIVATE -> "";
            case SHARED -> ", one socket";
            case TCP -> ", loopback ports";
        };
        String weight = group.weight() == 1 ? "" : ", weight " + group.weight();
        return count(group.workers()) + " x " + server + named + socket + weight;
    }

    private static String count(Settings.Workers workers) {
        return workers.scaling()
                .map(range -> range.least() + " to " + range.most())
                .orElseGet(() -> Integer.toString(workers.count()));
    }

    private static String attached(Attach worker) {
        String named = worker.group().equals(Attach.GROUP) ? "" : ", named " + worker.group();
        String weight = worker.weight() == 1 ? "" : ", weight " + worker.weight();
        return worker.address() + named + ", capacity " + worker.capacity() + weight;
    }

    private static String place(Optional<LogService> to, Optional<Path> file, String stream) {
        return to.map(LogService::words).or(() -> file.map(Path::toString)).orElse(stream);
    }

    private static String access(LogSettings log) {
        if (!log.access()) {
            return "off";
        }
        return place(log.accessTo(), log.accessFile(), "standard output");
    }
}
