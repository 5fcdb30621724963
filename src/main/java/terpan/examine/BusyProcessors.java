package terpan.examine;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How busy the processors are that this process may use, from one look to the next: those of the machine ({@code /proc/stat}), and what its control
 * groups grant, whichever is nearer to its end. Whoever uses them. Not thread-safe.
 */
public final class BusyProcessors {
    private static final Pattern PROCESSOR = Pattern.compile("(?m)^cpu(\\d{1,5}) ([\\d ]+)$");
    private static final Pattern ALLOWED = Pattern.compile("(?m)^Cpus_allowed_list:\\s*([\\d,-]{1,4000})$");
    private static final int IDLE = 3;
    private static final int WAITS = 4;

    /** What follows is counted among the first already. */
    private static final int FIGURES = 8;

    private final Path root;
    private long ticks;
    private long idle;
    private final Map<String, Long> used = new HashMap<>();
    private long at;
    private boolean begun;

    /** Of this machine. */
    public BusyProcessors() {
        this(Path.of("/"));
    }

    /**
     * Of another.
     *
     * @param root where {@code proc} and {@code sys} lie
     */
    BusyProcessors(Path root) {
        this.root = root;
    }

    /**
     * The share that was busy since the last look, 0 to 1; negative: not known, as at the first. Reads a few files.
     *
     * @param now monotonic nanoseconds
     */
    public double share(long now) {
        double share = machine();
        long since = now - at;
        for (ControlGroups.Used group : ControlGroups.read(root).processorsUsed()) {
            Long before = used.put(group.name(), group.nanos());
            if (before != null && begun && since > 0) {
                share = Math.max(share, (group.nanos() - before) / (group.processors() * since));
            }
        }
        at = now;
        begun = true;
        return Math.min(1, share);
    }

    private double machine() {
        BitSet allowed = allowed(Machine.text(root.resolve("proc/self/status")));
        Matcher lines = PROCESSOR.matcher(Machine.text(root.resolve("proc/stat")));
        long all = 0;
        long nothing = 0;
        while (lines.find()) {
            if (!allowed.isEmpty() && !allowed.get(Integer.parseInt(lines.group(1)))) {
                continue;
            }
            List<Long> figures = List.of(lines.group(2).strip().split(" +", -1)).stream()
                    .limit(FIGURES)
                    .map(Long::parseLong)
                    .toList();
            all += figures.stream().mapToLong(Long::longValue).sum();
            nothing += figures.size() > WAITS ? figures.get(IDLE) + figures.get(WAITS) : 0;
        }
        long more = all - ticks;
        double share = begun && more > 0 && ticks > 0 ? 1 - (double) (nothing - idle) / more : -1;
        ticks = all;
        idle = nothing;
        return share;
    }

    /** Numbers and ranges of them; none: all are. */
    private static BitSet allowed(String status) {
        BitSet allowed = new BitSet();
        Matcher list = ALLOWED.matcher(status);
        if (list.find()) {
            for (String part : list.group(1).split(",", -1)) {
                String[] ends = part.split("-", -1);
                if (part.matches("\\d{1,5}(-\\d{1,5})?")) {
                    allowed.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
                }
            }
        }
        return allowed;
    }
}
