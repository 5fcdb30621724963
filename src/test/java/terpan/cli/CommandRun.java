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
import terpan.config.FakeHost;
import terpan.config.Settings;
import terpan.daemon.ProbeRequest;
import terpan.daemon.ServeOptions;
import terpan.daemon.StartFailure;

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
        public int doctor(Settings settings, boolean json, PrintStream stream) {
            served.add(settings);
            return 0;
        }

        @Override
        public int status(Path socket, boolean json, PrintStream stream) {
            stream.println(socket + (json ? " as JSON" : ""));
            return 0;
        }

        @Override
        public int restart(Path socket, Optional<String> worker, Duration most, PrintStream stream) {
            stream.println(socket + " " + worker.orElse("all") + " within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int reload(Path socket, boolean inPlace, Duration most, PrintStream stream) {
            stream.println(socket + " reload within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int rollback(Path socket, Duration most, PrintStream stream) {
            stream.println(socket + " rollback within " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int scale(Path socket, Optional<String> group, int count, Duration most, PrintStream stream) {
            stream.println(socket + " " + group.orElse("the group") + " to " + count + " within " + most.toSeconds());
            return 0;
        }

        @Override
        public int pause(Path socket, Duration most, PrintStream stream) {
            stream.println(socket + " pause for " + most.toSeconds() + " s");
            return 0;
        }

        @Override
        public int maintenance(Path socket, List<String> through, PrintStream stream) {
            stream.println(socket + " maintenance but for " + through);
            return 0;
        }

        @Override
        public int endMaintenance(Path socket, PrintStream stream) {
            stream.println(socket + " maintenance ends");
            return 0;
        }

        @Override
        public int resume(Path socket, PrintStream stream) {
            stream.println(socket + " resume");
            return 0;
        }

        @Override
        public int stop(Path socket, PrintStream stream) {
            stream.println(socket);
            return 0;
        }
    }
}
