package terpan.worker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the helper may do.
 *
 * @param folder where sockets lie that only root makes
 * @param side behind the names there, as in the run directory
 * @param owner the number of the user that this process becomes
 * @param plans how workers of each group of each application are started
 * @param ports below 1024 that may be listened on, beside 80 and 443
 * @param reads files that may be read: certificates and their keys
 * @param logs files that may be appended to
 * @param sockets files of sockets for clients, which may be removed
 * @param follower the command that may take this one's place; empty: none
 * @param followIn the directory that it is started in
 * @param settings the file that it reads its settings from; empty: there is no command
 */
public record RootPolicy(
        Path folder,
        String side,
        int owner,
        List<WorkerPlan> plans,
        List<Integer> ports,
        List<Path> reads,
        List<Path> logs,
        List<Path> sockets,
        List<String> follower,
        Path followIn,
        Optional<Path> settings) {
    /** As fields, with each plan's by its number. */
    Map<String, String> encoded(RootPlans numbered) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("folder", folder().toString());
        fields.put("side", side());
        fields.put("owner", Integer.toString(owner()));
        fields.put(
                "ports", String.join(" ", ports().stream().map(String::valueOf).toList()));
        numbered.putInto(fields);
        put("read", reads(), fields);
        put("log", logs(), fields);
        put("socket", sockets(), fields);
        put("follow", follower(), fields);
        fields.put("follow_in", followIn().toString());
        fields.put("settings", settings().map(Path::toString).orElse(""));
        return fields;
    }

    private static void put(String kind, List<?> values, Map<String, String> fields) {
        for (int i = 0; i < values.size(); i++) {
            fields.put(kind + "." + i, values.get(i).toString());
        }
    }
}
