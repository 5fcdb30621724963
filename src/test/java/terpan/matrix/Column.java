package terpan.matrix;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One server as the matrix starts it, and what it can not do.
 *
 * @param name as the table calls it
 * @param options what the command line says of it beside its name
 * @param exceptions checks that it fails for a reason of its own, with that reason; a check that passes may not stand here
 */
record Column(String name, String server, List<String> options, Map<Check, String> exceptions) {
    private static final boolean PRELOAD = Boolean.getBoolean("matrix.preload");

    /**
     * A server with so many threads in each worker.
     *
     * @param threads 0: as many as it has by itself
     * @param serverOptions its own options, {@code NAME=VALUE} each
     */
    static Column of(String name, String server, int threads, String... serverOptions) {
        List<String> options = new ArrayList<>();
        if (threads > 0) {
            options.addAll(List.of("--threads", Integer.toString(threads)));
        }
        for (String option : serverOptions) {
            options.addAll(List.of("--server-option", option));
        }
        return new Column(name, server, List.copyOf(options), Map.of());
    }

    /** The same with one thing that this server makes impossible. */
    Column cannot(Check check, String reason) {
        Map<Check, String> more = new EnumMap<>(Check.class);
        more.putAll(exceptions);
        more.put(check, reason);
        return new Column(name, server, options, more);
    }

    /** What terpan serve is told. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--server", server));
        arguments.addAll(options);
        if (PRELOAD) {
            arguments.add("--preload");
        }
        return arguments;
    }

    @Override
    public String toString() {
        return name;
    }
}
