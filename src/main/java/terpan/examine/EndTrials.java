package terpan.examine;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import terpan.server.Conduct;
import terpan.server.Protocol;
import terpan.server.ServerProfile;
import terpan.worker.ExitInfo;
import terpan.worker.StartException;
import terpan.worker.WorkerInfo;

/** The measurements that end the worker; each begins with one that is ready. */
final class EndTrials {
    private static final int INT = 2;
    private static final int KILL = 9;
    private static final int TERM = 15;
    private static final Duration BEGUN = Duration.ofMillis(300);
    private static final Duration ANSWER_MOST = Duration.ofSeconds(3);
    private static final Duration EXIT_MOST = Duration.ofSeconds(5);

    private final ProbedWorker worker;
    private final ServerProfile profile;

    EndTrials(ProbedWorker worker, ServerProfile profile) {
        this.worker = worker;
        this.profile = profile;
    }

    /** All of them, beginning with the worker that is ready now. */
    List<Measured> all(WorkerInfo first) throws StartException, IOException, InterruptedException {
        List<Measured> rows = new ArrayList<>();
        rows.add(Measured.against("mode of the socket", mode(first), "rw-------"));
        rows.addAll(ended("the polite signal (" + profile.politeSignal() + ")", first, true, worker::stopPolitely));
        WorkerInfo second = worker.ready();
        rows.addAll(ended("TERM", second, false, () -> worker.signal(second, TERM)));
        WorkerInfo third = worker.ready();
        rows.addAll(ended("INT", third, false, () -> worker.signal(third, INT)));
        rows.add(stale(worker.ready()));
        return rows;
    }

    private static Path socket(WorkerInfo info) {
        return ((UnixDomainSocketAddress) info.address()).getPath();
    }

    private static String mode(WorkerInfo info) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket(info)));
    }

    /** With a request in flight where the server speaks HTTP. */
    private List<Measured> ended(String signal, WorkerInfo info, boolean polite, Runnable send)
            throws IOException, InterruptedException {
        List<Measured> rows = new ArrayList<>();
        if (profile.protocol() == Protocol.NATIVE) {
            send.run();
        } else {
            try (RawConnection connection = RawConnection.to(info.address())) {
                connection.ask("GET", "/held", "Connection: close");
                connection.await(Received::ended, BEGUN);
                send.run();
                boolean answered = connection
                        .answer(ANSWER_MOST)
                        .filter(answer -> answer.body().equals("held"))
                        .isPresent();
                Conduct.StopInFlight found = answered ? Conduct.StopInFlight.ANSWERED : Conduct.StopInFlight.CUT;
                String name = "request in flight at " + signal;
                String words = HttpTrials.words(found);
                rows.add(profile.conduct()
                        .filter(conduct -> polite)
                        .map(conduct -> Measured.against(name, words, HttpTrials.words(conduct.stopInFlight())))
                        .orElseGet(() -> Measured.only(name, words)));
            }
        }
        Optional<ExitInfo> exit = worker.exit(EXIT_MOST);
        rows.add(Measured.only(
                "end after " + signal,
                exit.map(EndTrials::status).orElse("none within " + EXIT_MOST.toSeconds() + " s")));
        if (exit.isEmpty()) {
            worker.signal(info, KILL);
        }
        return rows;
    }

    private static String status(ExitInfo exit) {
        return exit.status() > 128 ? "killed by signal " + (exit.status() - 128) : "exit status " + exit.status();
    }

    /** A killed worker leaves its socket: the next one has to be ready all the same, and the old socket gone. */
    private Measured stale(WorkerInfo info) throws StartException, InterruptedException {
        worker.signal(info, KILL);
        WorkerInfo next = worker.ready();
        boolean clean = !Files.exists(socket(info)) && Files.exists(socket(next));
        return Measured.against(
                "start after a kill",
                clean ? "ready, the old socket removed" : "the old socket left",
                "ready, the old socket removed");
    }
}
