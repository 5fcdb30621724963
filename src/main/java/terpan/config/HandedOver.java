package terpan.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The sockets that a service manager has bound for this process, as its variables tell of them: {@code sd_listen_fds(3)}. */
public final class HandedOver {
    /** How many there are. */
    static final String COUNT = "LISTEN_FDS";

    private static final String PROCESS = "LISTEN_PID";
    private static final String NAMES = "LISTEN_FDNAMES";
    private static final String NAMELESS = "unknown";
    private static final int MOST = 1_000;

    private HandedOver() {}

    /**
     * The name of each, in the order of their descriptors; none where the variables are not there or meant for another process.
     *
     * @param environment the variables of this process
     * @param pid this process
     */
    public static Located<List<String>> names(Map<String, String> environment, long pid) {
        String count = environment.getOrDefault(COUNT, "");
        if (count.isEmpty() || !environment.getOrDefault(PROCESS, "").equals(Long.toString(pid))) {
            return new Located.Found<>(List.of());
        }
        if (!count.matches("[0-9]{1,4}") || Integer.parseInt(count) > MOST) {
            return new Located.Missing<>(COUNT + " is \"" + count
                    + "\", expected the number of sockets that are handed over, at most " + MOST);
        }
        List<String> names = new ArrayList<>(
                Arrays.asList(environment.getOrDefault(NAMES, "").split(":", -1)));
        names.replaceAll(name -> name.isEmpty() ? NAMELESS : name);
        while (names.size() < Integer.parseInt(count)) {
            names.add(NAMELESS);
        }
        return new Located.Found<>(List.copyOf(names.subList(0, Integer.parseInt(count))));
    }
}
