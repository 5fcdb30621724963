package terpan.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import terpan.config.Problem;
import terpan.metrics.MetricsFormat;
import terpan.picture.Activity;
import terpan.picture.Picture;

/** A front with two workers that remembers what it was told. */
final class FakeOperations implements Operations {
    static final Instant NOW = Instant.parse("2026-11-22T17:06:29Z");

    private static final List<Picture.Certificate> CERTIFICATES = List.of(new Picture.Certificate(
            "shop.example",
            "/var/lib/terpan/acme/ca.example/certificates/shop.example.pem",
            NOW.plus(Duration.ofDays(60))));

    private static final Picture.Issuance ISSUANCE = new Picture.Issuance(
            1,
            3,
            List.of(
                    new Picture.Renewal(
                            "shop.example",
                            "/var/lib/terpan/acme/ca.example/certificates/shop.example.pem",
                            Optional.of(NOW.plus(Duration.ofDays(60))),
                            NOW.plus(Duration.ofDays(30)),
                            0,
                            ""),
                    new Picture.Renewal("new.example", "", Optional.empty(), NOW.plusSeconds(230), 3, "not \"ours\"")));

    final List<String> commands = new CopyOnWriteArrayList<>();
    volatile List<Picture.Group> groups = List.of(new Picture.Group(
            "builtin",
            Optional.of("builtin"),
            "private",
            1,
            2,
            1,
            8,
            1,
            1,
            120_056,
            OptionalDouble.of(0.0005),
            2,
            17,
            Optional.empty()));
    volatile Optional<Picture.Reload> reload = Optional.empty();
    volatile Health health = new Health.Serving();
    volatile CommandResult stopResult = new CommandResult.Accepted("Stopping; requests in flight are finished first.");

    @Override
    public Picture status() {
        return new Picture(
                "0.1.0",
                4_711,
                "serving",
                NOW.minus(Duration.ofHours(26)),
                Duration.ofHours(26),
                List.of("127.0.0.1:8000", "unix:/run/shop.sock"),
                "builtin",
                Optional.of("shop:app"),
                1,
                reload,
                3,
                1_024,
                9,
                2,
                new Picture.Spool(5_000, 20L << 20, 2),
                new Picture.Requests(0, 120_000, 40, 12, 3, 1),
                groups,
                List.of(
                        new Picture.Worker(
                                "w1",
                                "builtin",
                                OptionalLong.of(4_712),
                                "ready",
                                "",
                                NOW.minus(Duration.ofHours(26)),
                                1,
                                0,
                                OptionalLong.of(8),
                                OptionalLong.of(1),
                                OptionalLong.of(32),
                                OptionalLong.of(1),
                                OptionalLong.of(100_000),
                                OptionalDouble.of(0.000321),
                                OptionalLong.of(31L << 20),
                                OptionalDouble.of(12.5),
                                Optional.empty(),
                                ""),
                        new Picture.Worker(
                                "w2",
                                "builtin",
                                OptionalLong.empty(),
                                "exited",
                                "exit status 1, \"crashed\"\n",
                                NOW.minus(Duration.ofSeconds(42)),
                                1,
                                17,
                                OptionalLong.of(0),
                                OptionalLong.of(0),
                                OptionalLong.of(1),
                                OptionalLong.of(1),
                                OptionalLong.of(20_056),
                                OptionalDouble.empty(),
                                OptionalLong.empty(),
                                OptionalDouble.empty(),
                                Optional.empty(),
                                "Traceback:\n  a line\nRuntimeError: no")),
                List.of(),
                0,
                1_000,
                new Picture.Buffers(0, 1 << 20),
                new Picture.Dropped(0, 0),
                Optional.empty(),
                CERTIFICATES,
                ISSUANCE,
                List.of(),
                Activity.NONE);
    }

    @Override
    public Optional<Picture> status(String application) {
        return Optional.empty();
    }

    @Override
    public Optional<Health> health(String application) {
        return Optional.empty();
    }

    @Override
    public Health health() {
        return health;
    }

    @Override
    public Optional<String> hangs() {
        return Optional.empty();
    }

    @Override
    public CommandResult restart(String worker) {
        commands.add("restart " + worker);
        return worker.equals("w1")
                ? new CommandResult.Accepted("Restarting w1.", "7")
                : new CommandResult.NotFound("There is no worker " + worker + "; there are w1, w2.");
    }

    @Override
    public CommandResult restartAll(String application) {
        commands.add("restart all");
        return new CommandResult.Accepted("Restarting w1, w2.", "8");
    }

    @Override
    public CommandResult reload(String application, boolean inPlace) {
        commands.add("reload");
        return new CommandResult.Mistaken(
                "terpan.toml:1:1: nonsense\nterpan.toml:2:1: more of it", Problem.Kind.APPLICATION);
    }

    @Override
    public CommandResult rollback(String application) {
        commands.add("rollback");
        return new CommandResult.Accepted("Leading back.", "8");
    }

    @Override
    public CommandResult maintenance(String application, List<String> through) {
        commands.add("maintenance " + through);
        return new CommandResult.Accepted("Working.");
    }

    @Override
    public CommandResult endMaintenance(String application) {
        commands.add("maintenance ends");
        return new CommandResult.Refused("There was none.");
    }

    @Override
    public CommandResult scale(String application, Optional<String> group, OptionalInt count) {
        commands.add("scale " + group.orElse("") + " " + (count.isPresent() ? count.getAsInt() : "auto"));
        return new CommandResult.Accepted("Scaling.", "7");
    }

    @Override
    public CommandResult pause(String application, Duration most) {
        commands.add("pause " + most.toSeconds());
        return new CommandResult.Accepted("Paused.");
    }

    @Override
    public CommandResult resume(String application) {
        commands.add("resume");
        return new CommandResult.Refused("There was no pause.");
    }

    /** Done at the second look, but for the one of all, which fails. */
    @Override
    public Optional<OperationSnapshot> operation(String id) {
        commands.add("operation " + id);
        boolean second = commands.stream().filter(("operation " + id)::equals).count() > 1;
        return switch (id) {
            case "7" ->
                Optional.of(
                        second
                                ? new OperationSnapshot(id, OperationSnapshot.DONE, List.of("one", "two"), "")
                                : new OperationSnapshot(id, OperationSnapshot.RUNNING, List.of("one"), ""));
            case "8" -> Optional.of(new OperationSnapshot(id, "failed", List.of(), "line one\nline \"two\""));
            default -> Optional.empty();
        };
    }

    @Override
    public CommandResult upgrade(Optional<Path> program) {
        commands.add("upgrade " + program.map(Path::toString).orElse("by the same command"));
        return new CommandResult.Accepted("another process is started");
    }

    @Override
    public Stack stack(String worker) {
        return worker.equals("w1")
                ? new Stack.Told(List.of("Thread 1", "  File a"))
                : new Stack.Not(false, "no " + worker);
    }

    @Override
    public List<LogLine> lines(long since) {
        return List.of();
    }

    @Override
    public CommandResult stop() {
        commands.add("stop");
        return stopResult;
    }

    @Override
    public void writeMetrics(OutputStream out, MetricsFormat format) throws IOException {
        out.write("terpan_queue_length 3.0\n".getBytes(UTF_8));
    }
}
