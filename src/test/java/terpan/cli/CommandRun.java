package terpan.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import terpan.config.FakeHost;
import terpan.config.Loaded;
import terpan.config.Settings;
import terpan.daemon.ProbeRequest;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;
import terpan.terminal.LogFilter;

/** Runs the command line in this process, with captured streams, and remembers what it set going. */
final class CommandRun {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Settings> served = new ArrayList<>();
    private final List<ServeOptions> options = new ArrayList<>();
    private final Path directory;
    private final Map<String, String> environment;
    private final Attempt attempt;

    /** What a serve or a check comes to. */
    interface Attempt {
        int run() throws StartFailure;
    }

    CommandRun(Path directory, Map<String, String> environment) {
        this(directory, environment, () -> 0);
    }

    CommandRun(Path directory, Map<String, String> environment, Attempt attempt) {
        this.directory = directory;
        this.environment = environment;
        this.attempt = attempt;
    }

    int run(String... arguments) {
        out.reset();
        err.reset();
        Surroundings surroundings = new Surroundings(
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                environment,
                directory,
                new FakeHost(false));
        return new TerpanCommand(surroundings, new Remembering()).run(List.of(arguments));
    }

    String out() {
        return out.toString(UTF_8);
    }

    String err() {
        return err.toString(UTF_8);
    }

    Settings served() {
        return served.getLast();
    }

    ServeOptions options() {
        return options.getLast();
    }

    private final class Remembering implements Actions {
        @Override
        public int serve(ServeOptions asked) throws StartFailure {
            served.add(asked.read().settings());
            options.add(asked);
            return attempt.run();
        }

        @Override
        public int check(Settings settings) throws StartFailure {
            served.add(settings);
            return attempt.run();
        }

        @Override
        public String staticFiles(Settings settings) {
            return "static = [{path = \"/static/\", directory = \"/srv/static\"}]";
        }

        @Override
        public int servers(Path interpreter, boolean json, PrintStream stream) {
            stream.println("servers of " + interpreter + (json ? " as JSON" : ""));
            return 0;
        }

        @Override
        public int probe(ProbeRequest request, boolean json, PrintStream stream) {
            stream.println(request);
            return 0;
        }

        @Override
        public int doctor(Loaded.Ready ready, boolean json, PrintStream stream) {
            served.addAll(ready.each());
            return 0;
        }

        @Override
        public int status(Running running, boolean json, PrintStream stream) {
            stream.println(shown(running) + (json ? " as JSON" : ""));
            return 0;
        }

        @Override
        public int watch(Running running, boolean json, Duration interval, Surroundings around) {
            around.out().println(shown(running) + " every " + interval.toSeconds() + " s" + (json ? " as JSON" : ""));
            return 0;
        }

        @Override
        public int top(Running running, Duration interval, int count, Surroundings around) {
            around.out().println(shown(running) + " top every " + interval.toSeconds() + " s, " + count);
            return 0;
        }

        @Override
        public int logs(Running running, LogFilter filter, int count, boolean follow, Surroundings around) {
            around.out().println(shown(running) + " " + filter + " " + count + (follow ? " and on" : ""));
            return 0;
        }

        @Override
        public int restart(Running running, Optional<String> worker, Duration most, PrintStream stream) {
            stream.println(shown(running) + " " + worker.orElse("all") + " within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int reload(Running running, boolean inPlace, Duration most, PrintStream stream) {
            stream.println(shown(running) + " reload within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int rollback(Running running, Duration most, PrintStream stream) {
            stream.println(shown(running) + " rollback within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int scale(
                Running running, Optional<String> group, OptionalInt count, Duration most, PrintStream stream) {
            stream.println(shown(running) + " " + group.orElse("the group") + " to "
                    + (count.isPresent() ? count.getAsInt() : "auto") + " within " + most.toSeconds());
            return 0;
        }

        @Override
        public int pause(Running running, Duration most, PrintStream stream) {
            stream.println(shown(running) + " pause for " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int maintenance(Running running, List<String> through, PrintStream stream) {
            stream.println(shown(running) + " maintenance but for " + through);
            return 0;
        }

        @Override
        public int endMaintenance(Running running, PrintStream stream) {
            stream.println(shown(running) + " maintenance ends");
            return 0;
        }

        @Override
        public int upgrade(Path socket, Optional<Path> program, Duration most, PrintStream stream) {
            stream.println(
                    socket + " upgrade " + program.map(Path::toString).orElse("") + " waits " + most.toSeconds());
            return 0;
        }

        @Override
        public int dashboard(Running running, boolean readOnly, PrintStream stream) {
            stream.println(shown(running) + " dashboard" + (readOnly ? " to read" : ""));
            return 0;
        }

        @Override
        public int advice(Running running, boolean json, PrintStream stream) {
            stream.println(shown(running) + " advice" + (json ? " as JSON" : ""));
            return 0;
        }

        @Override
        public int slow(Running running, PrintStream stream) {
            stream.println(shown(running) + " slow");
            return 0;
        }

        @Override
        public int explain(Running running, String request, PrintStream stream) {
            stream.println(shown(running) + " explain " + request);
            return 0;
        }

        @Override
        public int stack(Running running, String worker, PrintStream stream) {
            stream.println(shown(running) + " stack of " + worker);
            return 0;
        }

        @Override
        public int resume(Running running, PrintStream stream) {
            stream.println(shown(running) + " resume");
            return 0;
        }

        private static String shown(Running running) {
            return running.socket() + (running.application().isEmpty() ? "" : " of " + running.application());
        }

        @Override
        public int stop(Path socket, PrintStream stream) {
            stream.println(socket);
            return 0;
        }
    }
}
