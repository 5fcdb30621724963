package terpan.examine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import terpan.server.KnownFault;
import terpan.server.Profiles;
import terpan.server.ServerKind;
import terpan.server.ServerProfile;
import terpan.worker.PythonFacts;
import terpan.worker.PythonFiles;
import terpan.worker.StartException;

/**
 * Every server that Terpan can start, and what an application's environment has of it.
 *
 * @param interpreter what was asked
 * @param implementation such as {@code CPython}
 * @param python its version
 */
public record ServerSurvey(Path interpreter, String implementation, String python, List<Offer> offers) {
    /** A first start compiles what it imports. */
    private static final Duration ANSWER_MOST = Duration.ofSeconds(20);

    /**
     * One server.
     *
     * @param version what was found of it; empty: it is not there
     * @param capacity how many requests a worker of it works on at once, in words
     * @param missing what it needs and the environment does not have
     * @param install the command that installs what is missing; empty if nothing is
     * @param faults what is known to go wrong with the version that was found, each with what to do
     * @param serves whether that version serves at all
     */
    public record Offer(
            String name,
            Optional<String> version,
            String capacity,
            List<String> missing,
            String install,
            List<String> faults,
            boolean serves) {
        /** Whether a worker of it can be started. */
        public boolean isThere() {
            return missing.isEmpty() && serves;
        }
    }

    /** Asks an interpreter, once. */
    public static ServerSurvey of(Path interpreter, Map<String, String> environment) throws StartException {
        try (Scratch scratch = Scratch.open()) {
            List<String> questions = Profiles.kinds().stream()
                    .flatMap(kind -> questions(kind).stream())
                    .distinct()
                    .toList();
            PythonFacts facts = PythonFacts.ask(
                    PythonFiles.extract(environment, scratch.path()), interpreter, questions, ANSWER_MOST);
            return new ServerSurvey(
                    interpreter,
                    facts.implementation(),
                    facts.python(),
                    Profiles.kinds().stream().map(kind -> offer(kind, facts)).toList());
        }
    }

    private static List<String> questions(ServerKind kind) {
        return kind.isProgram()
                ? List.of("program:" + kind.name())
                : kind.distributions().stream()
                        .map(name -> "distribution:" + name)
                        .toList();
    }

    static Offer offer(ServerKind kind, PythonFacts facts) {
        List<String> missing = new ArrayList<>();
        Optional<String> version;
        if (kind.isProgram()) {
            version = facts.program(kind.name());
            if (version.isEmpty()) {
                missing.add(kind.name());
            }
        } else if (kind.distributions().isEmpty()) {
            version = Optional.of("comes with Terpan");
        } else {
            version = facts.distribution(kind.distributions().getFirst());
            kind.distributions().stream()
                    .filter(name -> facts.distribution(name).isEmpty())
                    .forEach(missing::add);
        }
        List<KnownFault> faults = faults(kind, facts);
        return new Offer(
                kind.name(),
                version,
                capacity(kind),
                missing,
                missing.isEmpty() ? "" : kind.installHint(),
                faults.stream()
                        .map(fault -> fault.reason() + ": " + fault.advice())
                        .toList(),
                faults.stream().noneMatch(KnownFault::fatal));
    }

    static List<KnownFault> faults(ServerKind kind, PythonFacts facts) {
        return KnownFault.ALL.stream()
                .filter(fault -> fault.server().equals(kind.name())
                        && facts.distribution(fault.distribution())
                                .filter(version -> fault.applies(version, facts.python()))
                                .isPresent())
                .toList();
    }

    /** How many requests a worker works on at once, in words. */
    public static String capacity(ServerKind kind) {
        int threads = kind.threadsDefault();
        ServerProfile usual = kind.profile(threads, Map.of());
        boolean follows = kind.profile(threads + 8, Map.of()).capacity() > usual.capacity();
        if (follows) {
            return "its threads (" + threads + " unless set)";
        }
        return usual.capacity() == 1 ? "one" : "up to " + usual.capacity();
    }
}
