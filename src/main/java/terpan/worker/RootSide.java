package terpan.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.handover.DescriptorChannel;
import terpan.handover.DescriptorChannel.Descriptor;

/**
 * Our end of root's helper ({@code python/terpan_worker/helper.py}), a process that stays root where this one has given root up. It starts
 * workers as other users, binds low ports, opens the few files that it was told of at the start, and does nothing else. What it may do is its
 * {@link RootPolicy}, told before a client's byte is read. Thread-safe; every order is answered within some seconds.
 */
public final class RootSide implements AutoCloseable {
    /** Below it a port is root's to bind. */
    public static final int LOW_PORTS = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(RootSide.class);
    private static final Duration ANSWER_MOST = Duration.ofSeconds(10);
    private static final Duration COME_MOST = Duration.ofSeconds(10);
    private static final Duration END_MOST = Duration.ofSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    private static final int TERM = 15;
    private static final int KILL = 9;

    /** It does not do what it was not told of at the start. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why);
        }
    }

    /** What is closed in its turn though it comes later. */
    public static final class Held implements AutoCloseable {
        private Optional<RootSide> held = Optional.empty();

        /** This one is closed with it. */
        public void hold(RootSide root) {
            held = Optional.of(root);
        }

        @Override
        public void close() {
            held.ifPresent(RootSide::close);
        }
    }

    /** What an order was answered. */
    private record Answer(Map<String, String> fields, Optional<Descriptor> descriptor, CompletableFuture<Integer> end) {
        Descriptor required() throws IOException {
            return descriptor.orElseThrow(() -> new IOException("root's helper sent no descriptor"));
        }

        long pid() {
            return Fields.pid(fields, "pid");
        }
    }

    private final RootPolicy policy;
    private final PythonFiles python;
    private final Process process;
    private final DescriptorChannel channel;
    private final RootPlans plans;
    private final AtomicLong orders = new AtomicLong();
    private final Map<String, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    /** By the numbers of processes: their exit status, once they have ended. */
    private final Map<Long, CompletableFuture<Integer>> ends = new ConcurrentHashMap<>();

    private volatile Runnable lost = () -> {};
    private volatile boolean closing;
    private volatile boolean gone;

    private RootSide(
            RootPolicy policy, PythonFiles python, Process process, DescriptorChannel channel, RootPlans plans) {
        this.policy = policy;
        this.python = python;
        this.process = process;
        this.channel = channel;
        this.plans = plans;
    }

    /**
     * Starts the helper, as long as this process is root.
     *
     * @param starter an interpreter that only root can change
     * @throws IOException it does not come
     */
    public static RootSide start(RootPolicy policy, String starter, PythonFiles python) throws IOException {
        RootPlans plans = RootPlans.of(policy.plans());
        Path place = policy.folder().resolve("helper" + policy.side());
        Files.deleteIfExists(place);
        try (ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(UnixDomainSocketAddress.of(place));
            door.configureBlocking(false);
            ProcessBuilder builder = new ProcessBuilder(
                            starter, "-I", "-S", python.startFile().toString(), "helper")
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            Process process = builder.start();
            try (OutputStream input = process.getOutputStream()) {
                input.write(Fields.encode(policy.encoded(plans)).getBytes(UTF_8));
            }
            DescriptorChannel channel = new DescriptorChannel(await(door, process));
            RootSide helper = new RootSide(policy, python, process, channel, plans);
            Thread.ofPlatform().name("terpan-root-helper").daemon().start(helper::run);
            return helper;
        } finally {
            Files.deleteIfExists(place);
        }
    }

    private static SocketChannel await(ServerSocketChannel door, Process process) throws IOException {
        long until = System.nanoTime() + COME_MOST.toNanos();
        while (true) {
            SocketChannel came = door.accept();
            if (came != null) {
                return came;
            }
            if (!process.isAlive() || System.nanoTime() - until > 0) {
                process.destroyForcibly();
                throw new IOException("root's helper does not begin");
            }
            try {
                Thread.sleep(LOOK_AGAIN);
            } catch (InterruptedException nobody) {
                throw new IllegalStateException("nobody interrupts the start", nobody);
            }
        }
    }

    /** What is run should the helper end before it is told to: nothing can be started any more. */
    public void onLost(Runnable run) {
        lost = run;
        if (!process.isAlive()) {
            run.run();
        }
    }

    /** The helper's process. */
    public long pid() {
        return process.pid();
    }

    /** Whether the helper is gone: nobody tells any more how a process ends. */
    boolean isGone() {
        return gone;
    }

    /** The Python files that it starts workers with. */
    public PythonFiles python() {
        return python;
    }

    private void run() {
        try (channel) {
            for (Optional<DescriptorChannel.Message> next = channel.receive();
                    next.isPresent();
                    next = channel.receive()) {
                take(next.get());
            }
        } catch (IOException | RuntimeException broken) {
            LOG.atError().setCause(broken).log("what root's helper says is not understood");
        } finally {
            gone = true;
            boolean asked = closing;
            waiting.values().forEach(order -> order.completeExceptionally(new IOException("root's helper has ended")));
            if (!asked) {
                LOG.error("root's helper has ended: no worker can be started any more");
                lost.run();
            }
        }
    }

    private void take(DescriptorChannel.Message message) {
        Map<String, String> fields = Fields.decode(message.text());
        if ("ended".equals(fields.get("kind"))) {
            CompletableFuture<Integer> end = ends.remove(Fields.pid(fields, "pid"));
            if (end != null) {
                end.complete(Integer.parseInt(fields.getOrDefault("status", "")));
            }
            return;
        }
        Answer answer = new Answer(fields, message.descriptor(), new CompletableFuture<>());
        if (answer.pid() > 0) {
            ends.put(answer.pid(), answer.end()); // before its end can be told
        }
        CompletableFuture<Answer> order = waiting.remove(fields.getOrDefault("id", ""));
        if (order == null || !order.complete(answer)) {
            message.descriptor().ifPresent(Descriptor::close); // nobody waits for it
        }
    }

    /** Gives an order, and does not wait for the answer. */
    private CompletableFuture<Answer> tell(String kind, Map<String, String> fields) throws IOException {
        String id = Long.toString(orders.incrementAndGet());
        Map<String, String> order = new LinkedHashMap<>(fields);
        order.put("kind", kind);
        order.put("id", id);
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        try {
            channel.send(Fields.encode(order));
        } catch (IOException broken) {
            waiting.remove(id);
            throw new IOException("root's helper takes no orders: " + broken.getMessage(), broken);
        }
        return answer;
    }

    private Answer ask(String kind, Map<String, String> fields, String subject) throws IOException {
        Answer answer;
        CompletableFuture<Answer> order = tell(kind, fields);
        try {
            answer = order.get(ANSWER_MOST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            order.cancel(false);
            throw new IOException("root's helper did not answer within " + ANSWER_MOST.toSeconds() + " s", late);
        } catch (ExecutionException ended) {
            throw new IOException("root's helper has ended", ended);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while root's helper was asked", interrupted);
        }
        String why = answer.fields().getOrDefault("why", "");
        return switch (answer.fields().getOrDefault("kind", "")) {
            case "done" -> answer;
            case "failed" -> throw failure(subject, answer.fields().getOrDefault("errno", ""), why);
            default -> throw new Refused(why);
        };
    }

    private static IOException failure(String subject, String error, String why) {
        return switch (error) {
            case "ENOENT" -> new NoSuchFileException(subject, null, why);
            case "EACCES", "EPERM" -> new AccessDeniedException(subject, null, why);
            default -> new FileSystemException(subject, null, why);
        };
    }

    /** Why it does not start what these plans are for: something is another than at the start; empty: it starts it. */
    public Optional<StartFailure> refuses(List<WorkerPlan> wanted) {
        return plans.refuses(wanted).map(StartFailure.RootRefuses::new);
    }

    /**
     * Starts what these orders are for.
     *
     * @throws IOException it is not started
     */
    WorkerProcess start(String name, Map<String, String> launch, LineObserver lines, WorkerProcess.Observer observer)
            throws IOException {
        Answer answer = ask("start", plans.order(launch), name);
        HelpedProcess.Begun begun = new HelpedProcess.Begun(answer.pid(), answer.end(), answer.required());
        return HelpedProcess.of(name, launch.getOrDefault(Spawner.MARK, ""), begun, this, lines, observer);
    }

    /** One guard, with a connection that it reads and writes. */
    Guard.Running guard(LineObserver lines, Runnable exited) throws IOException {
        Answer answer = ask("guard", Map.of(), "guard");
        CompletableFuture<Integer> end = answer.end();
        Descriptor connection = answer.required();
        FileInputStream input = connection.input();
        FileOutputStream output = connection.output();
        WorkerOutput.read("guard", "", input, lines, exited);
        return new Guard.Running(output, () -> process.isAlive() && !end.isDone(), () -> {});
    }

    /** What a worker writes that a process of its has forked: by the number of the pipe there. */
    Descriptor output(long parent, String number) throws IOException {
        return ask("output", Map.of("pid", Long.toString(parent), "descriptor", number), "the worker's output")
                .required();
    }

    /** SIGTERM to a process that it has started; not waited for. */
    void terminate(long pid) {
        signal(pid, TERM);
    }

    /** SIGKILL to a process that it has started; not waited for. */
    void kill(long pid) {
        signal(pid, KILL);
    }

    private void signal(long pid, int number) {
        try {
            var _ = tell("signal", Map.of("pid", Long.toString(pid), "number", Integer.toString(number)));
        } catch (IOException gone) {
            LOG.atWarn()
                    .addKeyValue("pid", pid)
                    .addKeyValue("reason", gone.getMessage())
                    .log("a signal was not sent");
        }
    }

    /** A socket of this name in the run directory that listens, and that nobody but root can connect to. */
    ServerSocketChannel door(String name) throws IOException {
        return ask("door", Map.of("name", name), name).required().listening();
    }

    /** Removes a name in the run directory; where the helper is gone the next start does. */
    void forget(String name) throws IOException {
        if (gone) {
            return;
        }
        var _ = ask("forget", Map.of("name", name), name);
    }

    /**
     * Binds a port below 1024.
     *
     * @throws IOException it can not be bound, or none of those that may be
     */
    public ServerSocketChannel listen(InetSocketAddress address) throws IOException {
        String host = address.getAddress().getHostAddress();
        return ask("listen", Map.of("host", host, "port", Integer.toString(address.getPort())), address.toString())
                .required()
                .listening();
    }

    /** Opens a file of a certificate for reading; empty: it may not. */
    public Optional<Descriptor> read(Path file) throws IOException {
        int number = policy.reads().indexOf(file);
        return number < 0
                ? Optional.empty()
                : Optional.of(ask("read", Map.of("number", Integer.toString(number)), file.toString())
                        .required());
    }

    /** Opens a log file for appending; empty: it may not. */
    public Optional<FileOutputStream> append(Path file) throws IOException {
        int number = policy.logs().indexOf(file);
        return number < 0
                ? Optional.empty()
                : Optional.of(ask("append", Map.of("number", Integer.toString(number)), file.toString())
                        .required()
                        .output());
    }

    /** Removes the file of a socket for clients; where the helper is gone the next start does. False: it may not. */
    public boolean remove(Path socket) throws IOException {
        int number = policy.sockets().indexOf(socket);
        if (number >= 0 && !gone) {
            var _ = ask("remove", Map.of("number", Integer.toString(number)), socket.toString());
        }
        return number >= 0;
    }

    /** Why it starts no other Terpan in this one's place; empty: it does. */
    public Optional<String> whyNoFollower() {
        return policy.follower().isEmpty()
                ? Optional.of(
                        "others than root can change the command that Terpan was started by, its directory or its settings; or there is no file"
                                + " of settings, which --config names")
                : Optional.empty();
    }

    /** Starts the command that Terpan was started by once more, to take this one's place. */
    FollowingProcess follow() throws IOException {
        Answer answer = ask("follow", Map.of(), policy.follower().getFirst());
        return FollowingProcess.of(answer.pid(), answer.end(), this);
    }

    /** Lets it go: it sees that its guards end what is left, removes its names and ends. */
    @Override
    public void close() {
        closing = true;
        try {
            channel.end();
        } catch (IOException gone) {
            LOG.atDebug().setCause(gone).log("root's helper had ended before");
        }
        try {
            if (!process.waitFor(END_MOST.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("root's helper does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
