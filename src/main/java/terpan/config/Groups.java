package terpan.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts the groups of workers together, each from what was said of it, and checks what they are together. */
final class Groups {
    static final int GROUPS_MOST = 32;

    /**
     * What was said of one group.
     *
     * @param table where its table stands
     */
    record Said(Values values, Where table) {}

    private final Values around;
    private final Host host;
    private final ServerCheck servers;
    private final List<Problem> problems;
    private final Set<String> names = new HashSet<>();

    /**
     * Nothing yet.
     *
     * @param around what was said of all but the workers
     * @param servers what is known of the servers that they may name
     */
    Groups(Values around, Host host, ServerCheck servers, List<Problem> problems) {
        this.around = around;
        this.host = host;
        this.servers = servers;
        this.problems = problems;
    }

    /** The groups in their order, at least one. */
    List<Settings.WorkerGroup> of(List<Said> said) {
        said.forEach(this::takeName);
        List<Settings.WorkerGroup> groups = new ArrayList<>();
        int workers = 0;
        for (Said one : said) {
            Settings.WorkerGroup group = group(one, Math.max(1, host.processors() / said.size()));
            groups.add(group);
            workers += group.workers().most();
            check(one.values(), group);
            if (areStarted() && !one.values().isUnread(Declarations.SERVER_NAME)) {
                servers.mistakes(group, around.one(Declarations.INTERFACE))
                        .forEach(mistake -> add(place(one, mistake), mistake.message()));
            }
        }
        if (groups.size() > GROUPS_MOST) {
            add(said.getLast().table(), "there are " + groups.size() + " groups of workers, expected at most 32");
        }
        if (workers > Settings.WORKERS_MOST) {
            add(said.getLast().table(), "all groups have " + workers + " workers, expected at most 1,024");
        }
        return List.copyOf(groups);
    }

    /** Not where all workers are someone else's. */
    private boolean areStarted() {
        return around.isNamed(Declarations.NAME_OF_APPLICATION)
                || around.list(Declarations.ATTACH).isEmpty();
    }

    /** Names that a person gave come first: those of servers make way for them. */
    private void takeName(Said one) {
        one.values()
                .optional(WorkerDeclarations.WORKER_NAME)
                .filter(Attach.GROUP::equals)
                .ifPresent(
                        name -> add(
                                one.values().where(WorkerDeclarations.WORKER_NAME),
                                "workers.name is \"attached\", which stands for workers that someone else runs, expected another"));
        one.values()
                .optional(WorkerDeclarations.WORKER_NAME)
                .filter(name -> !names.add(name))
                .ifPresent(name -> add(
                        one.values().where(WorkerDeclarations.WORKER_NAME),
                        "workers.name is \"" + name + "\", which another group has already"));
    }

    private Settings.WorkerGroup group(Said said, int countOtherwise) {
        Values values = said.values();
        String server = values.one(Declarations.SERVER_NAME);
        return new Settings.WorkerGroup(
                values.optional(WorkerDeclarations.WORKER_NAME).orElseGet(() -> free(server)),
                new Settings.Server(server, Map.copyOf(values.entries(Declarations.SERVER_OPTIONS))),
                workers(values, countOtherwise),
                values.one(WorkerDeclarations.WEIGHT),
                values.one(WorkerDeclarations.SOCKET));
    }

    /** Where a person named what is mistaken; else what made it so. */
    private Where place(Said said, ServerCheck.Mistake mistake) {
        return switch (mistake.part()) {
            case SERVER -> place(said, Declarations.SERVER_NAME, said.table());
            case OPTION ->
                said.values().entryPlaces(Declarations.SERVER_OPTIONS).getOrDefault(mistake.option(), said.table());
            case THREADS -> place(said, WorkerDeclarations.THREADS, said.table());
            case SOCKET -> place(said, WorkerDeclarations.SOCKET, said.table());
            case PRELOAD -> place(said, WorkerDeclarations.PRELOAD, said.table());
            case INTERFACE -> place(said, Declarations.SERVER_NAME, around.where(Declarations.INTERFACE));
        };
    }

    private static Where place(Said said, Setting<?> setting, Where otherwise) {
        return said.values().isNamed(setting) ? said.values().where(setting) : otherwise;
    }

    /** The server's name, with a number behind it if it is taken. */
    private String free(String server) {
        String name = server;
        for (int number = 2; !names.add(name); number++) {
            name = server + number;
        }
        return name;
    }

    private static Settings.Workers workers(Values values, int countOtherwise) {
        Count count =
                values.optional(WorkerDeclarations.COUNT).orElseGet(() -> new Count(countOtherwise, countOtherwise));
        return new Settings.Workers(
                count.least(),
                values.one(WorkerDeclarations.THREADS),
                values.one(WorkerDeclarations.START_TIMEOUT),
                values.one(WorkerDeclarations.DRAIN_TIMEOUT),
                values.one(WorkerDeclarations.STOP_TIMEOUT),
                values.one(WorkerDeclarations.HANG_TIMEOUT),
                values.one(WorkerDeclarations.BACKOFF_FIRST),
                values.one(WorkerDeclarations.BACKOFF_MOST),
                values.optional(WorkerDeclarations.READINESS_PATH),
                values.one(WorkerDeclarations.PRELOAD),
                new Settings.Recycling(
                        values.one(WorkerDeclarations.MAX_REQUESTS),
                        values.one(WorkerDeclarations.MAX_AGE),
                        values.one(WorkerDeclarations.MAX_MEMORY)),
                count.least() == count.most()
                        ? Optional.empty()
                        : Optional.of(new Settings.Scaling(
                                count.least(), count.most(), values.one(WorkerDeclarations.SCALE_DOWN_AFTER))));
    }

    private void check(Values values, Settings.WorkerGroup group) {
        Settings.Workers workers = group.workers();
        if (workers.backoffFirst().compareTo(workers.backoffMost()) > 0) {
            boolean first = values.isNamed(WorkerDeclarations.BACKOFF_FIRST);
            add(
                    values.where(first ? WorkerDeclarations.BACKOFF_FIRST : WorkerDeclarations.BACKOFF_MOST),
                    "workers.backoff-first is " + Units.show(workers.backoffFirst())
                            + ", expected at most workers.backoff-most, which is "
                            + Units.show(workers.backoffMost()));
        }
        if (workers.scaling().isEmpty() && values.isNamed(WorkerDeclarations.SCALE_DOWN_AFTER)) {
            add(
                    values.where(WorkerDeclarations.SCALE_DOWN_AFTER),
                    "workers.scale-down-after says nothing where workers.count is no range;"
                            + " leave it out, or set workers.count = \"2..8\", say");
        }
        if (workers.scaling().isPresent() && !areStarted()) {
            add(
                    values.where(WorkerDeclarations.COUNT),
                    "workers.count is a range, but all workers are run by someone else, who alone can start more of them;"
                            + " leave it out");
        }
        if (group.socket() == Settings.SocketMode.SHARED
                && workers.readinessPath().isPresent()) {
            add(
                    values.where(WorkerDeclarations.READINESS_PATH),
                    "workers.readiness-path can not be asked of one worker when all share a socket;"
                            + " leave it out, or set workers.socket = \"private\"");
        }
        if (group.socket() == Settings.SocketMode.SHARED && workers.recycling().requests() > 0) {
            add(
                    values.where(WorkerDeclarations.MAX_REQUESTS),
                    "workers.max-requests can not be counted of one worker when all share a socket;"
                            + " leave it out, or set workers.socket = \"private\"");
        }
        if (group.weight() != 1 && !around.one(Declarations.CHOICE).weighs()) {
            add(
                    values.where(WorkerDeclarations.WEIGHT),
                    "workers.weight is " + group.weight()
                            + ", but dispatch.choice knows no weights, expected least-loaded or random-two");
        }
    }

    private void add(Where where, String message) {
        problems.add(Problem.setting(where, message));
    }
}
