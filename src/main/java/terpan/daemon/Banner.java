package terpan.daemon;

import java.io.PrintStream;
import java.util.List;
import terpan.config.Attach;
import terpan.config.Settings;
import terpan.worker.RunDirectory;

/** What a person needs to know once requests are served. */
final class Banner {
    private Banner() {}

    static void print(PrintStream out, Settings settings, List<String> addresses, RunDirectory directory) {
        out.println();
        for (String address : addresses) {
            out.println("  Serving     " + address);
        }
        settings.application().ifPresent(application -> {
            out.println("  Application " + application.name() + " in " + application.chdir());
            String python = application.python().map(Object::toString).orElse("python3");
            settings.groups().forEach(group -> out.println("  Workers     " + workers(group) + ", python " + python));
        });
        settings.attach().forEach(worker -> out.println("  Attached    " + attached(worker)));
        out.println("  Log         "
                + settings.log().file().map(Object::toString).orElse("standard error") + "; access log "
                + access(settings.log()));
        out.println("  Operators   " + directory.operatorsSocket() + "  (terpan status, restart WORKER, stop)");
        out.println("  Stop        Ctrl-C or TERM to process "
                + ProcessHandle.current().pid() + ": every accepted request is answered first");
        out.println();
        out.flush();
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
        return group.workers().count() + " x " + server + named + socket + weight;
    }

    private static String attached(Attach worker) {
        String named = worker.group().equals(Attach.GROUP) ? "" : ", named " + worker.group();
        String weight = worker.weight() == 1 ? "" : ", weight " + worker.weight();
        return worker.address() + named + ", capacity " + worker.capacity() + weight;
    }

    private static String access(Settings.Log log) {
        if (!log.access()) {
            return "off";
        }
        return log.accessFile().map(Object::toString).orElse("standard output");
    }
}
