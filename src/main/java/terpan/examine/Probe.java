package terpan.examine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import terpan.config.Settings;
import terpan.server.Profiles;
import terpan.server.Protocol;
import terpan.server.ServerProfile;
import terpan.worker.PythonFacts;
import terpan.worker.PythonFiles;
import terpan.worker.StartException;
import terpan.worker.StartFailure;
import terpan.worker.WorkerInfo;

/** Starts one real worker of a server on a private socket and measures what it does, with no front between. */
public final class Probe {
    /** How long an idle connection is watched unless something else is said. */
    public static final Duration IDLE = Duration.ofSeconds(3);

    private static final Duration FACTS_MOST = Duration.ofSeconds(20);

    private Probe() {}

    /**
     * Measures.
     *
     * @param server free of {@link ProfileCheck#mistakes}
     * @param threads threads in the worker; 0: the server's default
     * @param idle how long an idle connection is watched
     */
    public static ProbeReport run(
            Settings.Server server, int threads, Path python, Duration idle, Map<String, String> environment)
            throws StartException, InterruptedException {
        long begin = System.nanoTime();
        ServerProfile profile = Profiles.profile(server, threads);
        try (Scratch scratch = Scratch.open()) {
            PythonFiles files = PythonFiles.extract(environment, scratch.path());
            PythonFacts facts = PythonFacts.ask(files, python, List.of(), FACTS_MOST);
            List<Measured> rows = new ArrayList<>();
            String version;
            try (ProbedWorker worker = ProbedWorker.start(server, threads, python, files, scratch.path())) {
                WorkerInfo first = worker.ready();
                version = worker.server();
                if (profile.protocol() == Protocol.HTTP) {
                    rows.addAll(new HttpTrials(first.address(), profile, idle).all());
                } else {
                    rows.add(
                            Measured.only("HTTP on its socket", "none: it speaks the native link, to the front alone"));
                }
                rows.addAll(new EndTrials(worker, profile).all(first));
            }
            return new ProbeReport(
                    server.name(),
                    version,
                    facts.python(),
                    profile.threads(),
                    rows,
                    Duration.ofNanos(System.nanoTime() - begin));
        } catch (IOException broken) {
            throw new StartException(new StartFailure.NeverReady("worker-1", "broke off: " + broken, List.of()));
        }
    }
}
