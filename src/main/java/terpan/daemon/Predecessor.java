package terpan.daemon;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import terpan.handover.HandoverChannel;
import terpan.worker.RunDirectory;

/** The Terpan before this one, which has started it to take its place: the other end of {@link Upgrade}. Belongs to the main thread. */
final class Predecessor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);
    private static final Duration ANSWER_MOST = Duration.ofSeconds(30);
    /** Listeners and applications, one each. */
    private static final int LINES_MOST = 4_096;

    private static final int LISTENER_FIELDS = 3;
    private static final Duration END_MOST = Duration.ofSeconds(2);
    /** Of what a failure says; the end tells most of a traceback. */
    private static final int REASON_MOST = 4_000;

    private final HandoverChannel channel;
    private final HandedListeners listeners = HandedListeners.none();
    private final List<String> serves = new ArrayList<>();
    private long pid;
    private Path directory = Path.of("");
    private String side = "";
    private String operation = "";
    private Optional<ServerSocketChannel> operators = Optional.empty();

    private Predecessor(HandoverChannel channel) {
        this.channel = channel;
    }

    /** The one that this process's variables tell of; empty: it takes nobody's place. */
    static Optional<Predecessor> of(Map<String, String> environment) throws StartFailure {
        String place = environment.getOrDefault(RunDirectory.UPGRADE_VARIABLE, "");
        return place.isEmpty() ? Optional.empty() : Optional.of(at(Path.of(place)));
    }

    private static Predecessor at(Path place) throws StartFailure {
        try {
            SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            socket.connect(UnixDomainSocketAddress.of(place));
            Predecessor before = new Predecessor(new HandoverChannel(socket));
            before.listen();
            return before;
        } catch (IOException refused) {
            throw new StartFailure(
                    ExitCode.ADDRESS,
                    "the Terpan whose place this one is to take, at " + place + ", hands over nothing: "
                            + refused.getMessage());
        } catch (InterruptedException nobody) {
            throw new IllegalStateException("nobody interrupts the start", nobody);
        }
    }

    private void listen() throws IOException, InterruptedException {
        String greeting = line();
        if (!greeting.equals(Upgrade.GREETING)) {
            throw new IOException(
                    "it says \"" + greeting + "\", expected \"" + Upgrade.GREETING + "\": stop it and start it again");
        }
        long until = System.nanoTime() + ANSWER_MOST.toNanos();
        int lines = 0;
        for (String line = line(); !line.equals(Upgrade.END); line = line()) {
            String[] fields = line.split(Upgrade.TAB, -1);
            lines++;
            if (lines > LINES_MOST || fields.length > LISTENER_FIELDS || System.nanoTime() - until > 0) {
                throw new IOException("it goes on and on, or says \"" + line + "\"");
            }
            try {
                take(fields, line);
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException odd) {
                throw new IOException("it says \"" + line + "\", which is not understood", odd);
            }
        }
    }

    private void take(String[] fields, String line) throws IOException {
        switch (fields[0]) {
            case Upgrade.PROCESS -> pid = Long.parseLong(fields[1]);
            case Upgrade.DIRECTORY -> directory = Path.of(decoded(fields[1]));
            case Upgrade.SIDE -> side = fields[1];
            case Upgrade.OPERATION -> operation = fields[1];
            case Upgrade.SERVES -> serves.add(fields[1]);
            case Upgrade.LISTENER ->
                listeners.add(decoded(fields[1]), channel.socket(), Boolean.parseBoolean(fields[2]));
            case Upgrade.OPERATORS -> operators = Optional.of(channel.socket());
            default -> throw new IOException("it says \"" + line + "\", which is not understood");
        }
    }

    private String line() throws IOException, InterruptedException {
        return channel.await(ANSWER_MOST).orElseThrow(() -> new IOException("it hung up"));
    }

    static String decoded(String field) {
        return URLDecoder.decode(field, StandardCharsets.UTF_8);
    }

    /** Its process. */
    long pid() {
        return pid;
    }

    /** Its run directory. */
    Path directory() {
        return directory;
    }

    /** What is behind our names there. */
    String side() {
        return side;
    }

    /** The order that it was given, by its id there. */
    String operation() {
        return operation;
    }

    /** Its socket for operators over TCP, if it has one. */
    Optional<ServerSocketChannel> operators() {
        return operators;
    }

    /** The sockets that it has. */
    HandedListeners listeners() {
        return listeners;
    }

    /** Applications that had a worker there when it began, by their names. */
    List<String> serves() {
        return List.copyOf(serves);
    }

    /**
     * Says that this one accepts clients.
     *
     * @return whether it is this one's turn: the other one has said so, or is gone
     */
    boolean isOurTurn() throws InterruptedException {
        try {
            channel.send(Upgrade.READY);
            Optional<String> answer = channel.await(ANSWER_MOST);
            return answer.map(Upgrade.YOURS::equals).orElseGet(this::hasEnded);
        } catch (IOException broken) {
            LOG.atWarn().addKeyValue("reason", broken.getMessage()).log("the Terpan before does not answer");
            return hasEnded();
        }
    }

    private boolean hasEnded() {
        try {
            Optional<ProcessHandle> process = ProcessHandle.of(pid);
            if (process.isPresent()) {
                process.get().onExit().get(END_MOST.toMillis(), TimeUnit.MILLISECONDS);
            }
            return true;
        } catch (TimeoutException runs) {
            return false;
        } catch (InterruptedException | ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Says that this process, if it is to take another's place, can not even begin; why, for people. */
    static void refuse(Map<String, String> environment, String why) {
        try (Predecessor before = of(environment).orElse(null)) {
            if (before != null) {
                before.failed(why);
            }
        } catch (StartFailure unheard) {
            LOG.atWarn().addKeyValue("reason", unheard.getMessage()).log("the Terpan before does not hear why");
        }
    }

    /** Says why it does not come to it. */
    void failed(String why) {
        try {
            String end = why.length() > REASON_MOST ? "..." + why.substring(why.length() - REASON_MOST) : why;
            channel.send(Upgrade.FAILED + Upgrade.TAB + Upgrade.encoded(end));
        } catch (IOException | IllegalArgumentException unheard) {
            LOG.atWarn().addKeyValue("reason", unheard.getMessage()).log("the Terpan before does not hear why");
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException gone) {
            LOG.atDebug().setCause(gone).log("the Terpan before is gone");
        }
    }
}
