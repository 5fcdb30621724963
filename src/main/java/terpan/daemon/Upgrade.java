package terpan.daemon;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.admin.CommandResult;
import terpan.handover.HandoverChannel;
import terpan.worker.FollowingProcess;
import terpan.worker.Order;
import terpan.worker.RootSide;
import terpan.worker.RunDirectory;

/**
 * Has another process take this one's place: it is started by the same command, or by that of another program, is given the sockets for
 * clients, starts its workers and says when they are ready; only then this one accepts no more, answers what it has, and ends. Until that
 * word nothing here has changed, and what goes wrong ends the other one alone. {@link Predecessor} is its end of the conversation: lines of
 * {@link HandoverChannel}, fields parted by tabs.
 *
 * <p>Both accepting on sockets with SO_REUSEPORT was rejected: what waits in one's queue is reset when it closes. So was becoming the new
 * program by exec: nobody is left to go back to.
 */
final class Upgrade implements AutoCloseable {
    /** The first line, and the version of what follows. */
    static final String GREETING = "terpan upgrade 1";

    static final String SIDE = "side";
    static final String DIRECTORY = "directory";
    static final String PROCESS = "process";
    static final String OPERATION = "operation";
    static final String SERVES = "serves";
    static final String LISTENER = "listener";
    static final String OPERATORS = "operators";
    static final String END = "end";
    static final String READY = "ready";
    static final String FAILED = "failed";
    static final String YOURS = "yours";
    static final String TAB = "\t";

    /** Building and installing, where the command does that, are within it. */
    static final Duration MOST = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(Upgrade.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final long INIT = 1;

    /** What is wrong, for people. */
    private static final class NotTakenOver extends Exception {
        private static final long serialVersionUID = 1L;

        NotTakenOver(String why) {
            super(why);
        }
    }

    /** What this process does with what it has. */
    interface Ours {
        /** Applications that have a worker now, by their names. */
        List<String> serving();

        /** The sockets for clients. */
        List<Listeners.Listener> listeners();

        /** The socket for operators over TCP, where there is one. */
        Optional<ServerSocketChannel> operators();

        /** Another process has the same sockets and is ready: this one's names, and that it is the service, are the other's from now on. */
        void handOver(long pid) throws IOException;

        /** All is handed over: this one answers what it has, and ends. */
        void end();
    }

    private final ServeOptions.Command own;
    private final RunDirectory directory;
    private final Orders orders;
    private final Supplier<ServingState> state;
    private final Ours ours;

    private volatile Order.Progress progress = new Order.Progress(Order.State.DONE, List.of(), "");
    private @Nullable FollowingProcess successor; // guarded by this
    private boolean closed; // guarded by this

    /** Upgrades of what serves now; none is under way. */
    Upgrade(ServeOptions.Command own, RunDirectory directory, Orders orders, Supplier<ServingState> state, Ours ours) {
        this.own = own;
        this.directory = directory;
        this.orders = orders;
        this.state = state;
        this.ours = ours;
    }

    /**
     * Begins; does not wait for it.
     *
     * @param named the command of the program that takes over; empty: the one that this process was started by
     */
    synchronized CommandResult begin(Optional<Path> named) {
        Optional<String> obstacle = obstacle(named);
        if (obstacle.isPresent()) {
            return new CommandResult.Refused(obstacle.get());
        }
        Path program = named.or(own::program).orElseThrow();
        progress = new Order.Progress(Order.State.RUNNING, List.of(), "");
        CommandResult.Accepted accepted =
                orders.given(() -> progress, program + " is started to take the place of process " + pid());
        Thread.ofPlatform().name("terpan-upgrade").daemon().start(() -> run(program, accepted.operation()));
        return accepted;
    }

    private Optional<String> obstacle(Optional<Path> named) {
        Optional<Path> program = named.or(own::program);
        if (closed || state.get() != ServingState.SERVING) {
            return Optional.of("Terpan starts or stops: this can only be done while it serves");
        }
        if (progress.state() == Order.State.RUNNING) {
            return Optional.of("another process is being started to take this one's place already");
        }
        if (directory.isFollowing()) {
            return Optional.of("the Terpan before this one still answers what it has; try again when it has ended");
        }
        if (pid() == INIT) {
            return Optional.of("this Terpan is the first process of a container, which ends with it:"
                    + " start another container, and stop this one");
        }
        if (program.isEmpty()) {
            return Optional.of(
                    "it is not known by which command this Terpan was started; name the program that is to take over:"
                            + " terpan upgrade PATH");
        }
        if (directory.root().isPresent()) {
            return obstacleOfRoot(directory.root().get(), named);
        }
        if (!Files.isExecutable(program.get()) || Files.isDirectory(program.get())) {
            return Optional.of(program.get() + " is no program that this user may run");
        }
        return Optional.empty();
    }

    /** Root's helper starts the new process, whatever this user may run. */
    private Optional<String> obstacleOfRoot(RootSide root, Optional<Path> named) {
        if (named.isPresent() && !named.equals(own.program())) {
            return Optional.of(
                    "the front has given root up, and only the command that Terpan was started by may take its place"
                            + " as root: put the new program where that leads, and name none");
        }
        return root.whyNoFollower();
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private void step(String what) {
        List<String> steps = new ArrayList<>(progress.steps());
        steps.add(what);
        progress = new Order.Progress(Order.State.RUNNING, List.copyOf(steps), "");
        LOG.atInfo().addKeyValue("step", what).log("upgrade");
    }

    private void ended(Order.State how, String failure) {
        progress = new Order.Progress(how, progress.steps(), failure);
    }

    private void run(Path program, String operation) {
        try {
            handOver(program, operation);
        } catch (NotTakenOver | IOException failed) {
            endSuccessor();
            String why = String.valueOf(failed.getMessage());
            LOG.atError().addKeyValue("reason", why).log("upgrade failed; this process serves on");
            ended(Order.State.FAILED, why);
        } catch (InterruptedException nobody) {
            throw new IllegalStateException("nobody interrupts an upgrade", nobody);
        }
    }

    private void handOver(Path program, String operation) throws NotTakenOver, IOException, InterruptedException {
        Path place = directory.upgradeSocket();
        try (ServerSocketChannel door = directory.door(place)) {
            door.configureBlocking(false);
            FollowingProcess process = start(program, place);
            step("process " + process.pid() + " starts: " + program);
            long until = System.nanoTime() + MOST.toNanos();
            try (HandoverChannel other = new HandoverChannel(await(door, process, until))) {
                offer(other, operation);
                step("it has the sockets, and starts its workers");
                awaitReady(other, process, until);
                forget();
                ours.handOver(process.pid());
                other.send(YOURS);
                step("process " + process.pid() + " serves; process " + pid() + " answers what it has, and ends");
                ended(Order.State.DONE, "");
                awaitTaken(other);
                ours.end();
            }
        } finally {
            directory.remove(place);
        }
    }

    /** It hangs up once it has taken the names: whoever asks how far the order is finds one of the two. */
    private static void awaitTaken(HandoverChannel other) throws InterruptedException {
        try {
            other.await(LAST_WORDS);
        } catch (IOException late) {
            LOG.atWarn().addKeyValue("reason", late.getMessage()).log("the process that has taken over is slow");
        }
    }

    private synchronized FollowingProcess start(Path program, Path place) throws NotTakenOver {
        if (closed) {
            throw new NotTakenOver("Terpan stops");
        }
        try {
            FollowingProcess started =
                    FollowingProcess.start(directory, program, own.arguments(), own.directory(), place);
            successor = started;
            return started;
        } catch (IOException refused) {
            throw new NotTakenOver(program + " can not be started: " + refused.getMessage());
        }
    }

    private SocketChannel await(ServerSocketChannel door, FollowingProcess process, long until)
            throws NotTakenOver, IOException, InterruptedException {
        while (true) {
            SocketChannel came = door.accept();
            if (came != null) {
                return came;
            }
            requireAlive(process, until, "it asked for the sockets");
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private void requireAlive(FollowingProcess process, long until, String before) throws NotTakenOver {
        synchronized (this) {
            if (closed) {
                throw new NotTakenOver("Terpan stops");
            }
        }
        OptionalInt status = process.exitStatus();
        if (status.isPresent()) {
            throw new NotTakenOver("process " + process.pid() + " ended with exit status " + status.getAsInt()
                    + " before " + before + "; what it said stands in its log, or where this process writes");
        }
        if (System.nanoTime() - until > 0) {
            throw new NotTakenOver(
                    "process " + process.pid() + " took more than " + MOST.toMinutes() + " minutes until " + before);
        }
    }

    private void offer(HandoverChannel other, String operation) throws IOException {
        other.send(GREETING);
        other.send(PROCESS + TAB + pid());
        other.send(DIRECTORY + TAB + encoded(directory.path().toString()));
        other.send(SIDE + TAB + directory.nextSide());
        other.send(OPERATION + TAB + operation);
        for (String name : ours.serving()) {
            other.send(SERVES + TAB + name);
        }
        for (Listeners.Listener listener : ours.listeners()) {
            String named = encoded(listener.bind().address().toString());
            other.send(LISTENER + TAB + named + TAB + listener.handed(), listener.channel());
        }
        Optional<ServerSocketChannel> operators = ours.operators();
        if (operators.isPresent()) {
            other.send(OPERATORS, operators.get());
        }
        other.send(END);
    }

    /** Whatever is in it, it is one field of one line. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private void awaitReady(HandoverChannel other, FollowingProcess process, long until)
            throws NotTakenOver, IOException, InterruptedException {
        while (true) {
            Optional<String> line = other.poll();
            if (line.isPresent() && line.get().equals(READY)) {
                return;
            }
            if (line.isPresent() && line.get().startsWith(FAILED + TAB)) {
                throw new NotTakenOver(Predecessor.decoded(line.get().substring(FAILED.length() + 1)));
            }
            if (line.isPresent()) {
                throw new NotTakenOver("process " + process.pid() + " said \"" + line.get() + "\", expected " + READY
                        + " or " + FAILED);
            }
            if (other.hasEnded()) {
                process.awaitEnd(); // it has hung up, and is about to end
            }
            requireAlive(process, until, "its workers were ready");
            Thread.sleep(LOOK_AGAIN);
        }
    }

    /** It is no process of ours any more. */
    private synchronized void forget() throws NotTakenOver {
        if (closed) {
            throw new NotTakenOver("Terpan stops");
        }
        successor = null;
    }

    private void endSuccessor() {
        FollowingProcess process;
        synchronized (this) {
            process = successor;
            successor = null;
        }
        if (process != null) {
            try {
                process.end();
            } catch (InterruptedException nobody) {
                throw new IllegalStateException("nobody interrupts an upgrade", nobody);
            }
        }
    }

    /** Terpan stops: no process takes its place. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        endSuccessor();
    }
}
