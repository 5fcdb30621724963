package terpan.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import terpan.admin.LogLine;
import terpan.admin.Operations;
import terpan.log.KeptLine;
import terpan.log.LogMemory;
import terpan.worker.LoggedLines;
import terpan.worker.WorkerSnapshot;

/** Has workers write what their threads are at, and gathers from the log what they wrote. Waits: for operators' threads. */
final class PythonStacks {
    private static final Duration MOST = Duration.ofSeconds(2);
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final Pattern OF_APPLICATION = Pattern.compile("([a-z][a-z0-9-]{0,31})/");
    private static final String BEGINS = "most recent call first";

    private final LogMemory memory;

    PythonStacks(LogMemory memory) {
        this.memory = memory;
    }

    /** Of the worker of this name. */
    Operations.Stack of(List<SiteWorkers> sites, String worker) {
        for (SiteWorkers site : sites) {
            Optional<WorkerSnapshot> found = site.snapshots().stream()
                    .filter(known -> known.name().equals(worker) && known.pid() != 0)
                    .findFirst();
            if (found.isPresent()) {
                return of(site, found.get());
            }
        }
        return new Operations.Stack.Not(false, "there is no worker " + worker + " whose process is known");
    }

    private Operations.Stack of(SiteWorkers site, WorkerSnapshot worker) {
        long before = memory.last();
        if (!site.tellStacks(worker.pid())) {
            return new Operations.Stack.Not(
                    true,
                    worker.name()
                            + " does not tell: its server cannot, it shares its socket, or it takes no requests yet");
        }
        List<String> lines = await(worker.name(), before);
        return lines.isEmpty()
                ? new Operations.Stack.Not(
                        true, worker.name() + " has told nothing within " + MOST.toSeconds() + " s; ask once more")
                : new Operations.Stack.Told(lines);
    }

    /** Until it has written nothing more for a while. */
    private List<String> await(String worker, long before) {
        long until = System.nanoTime() + MOST.toNanos();
        long changed = System.nanoTime();
        List<String> lines = List.of();
        while (System.nanoTime() < until) {
            List<String> now = written(worker, before);
            if (now.size() > lines.size()) {
                lines = now;
                changed = System.nanoTime();
            } else if (!lines.isEmpty() && System.nanoTime() - changed > QUIET.toNanos()) {
                return lines;
            }
            try {
                Thread.sleep(LOOK_AGAIN);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return lines;
            }
        }
        return lines;
    }

    /** What it wrote since then, from where its stacks begin. */
    private List<String> written(String worker, long before) {
        List<String> lines = new ArrayList<>();
        for (KeptLine line : memory.since(before)) {
            boolean its = line.logger().equals(LoggedLines.LOGGER)
                    && line.value("worker").equals(worker);
            if (its && (!lines.isEmpty() || line.message().contains(BEGINS))) {
                lines.add(line.message());
            }
        }
        return lines;
    }

    /** A line of the log for operators. */
    static LogLine line(KeptLine line) {
        boolean ofWorker = line.logger().equals(LoggedLines.LOGGER);
        StringBuilder text = new StringBuilder(line.message());
        for (Map.Entry<String, String> value : line.values().entrySet()) {
            if (!value.getKey().equals("worker") && !(ofWorker && value.getKey().equals("group"))) {
                text.append(' ').append(value.getKey()).append('=').append(value.getValue());
            }
        }
        return new LogLine(
                line.number(),
                line.at(),
                line.level(),
                ofWorker ? "worker" : line.logger().substring(line.logger().lastIndexOf('.') + 1),
                line.value("worker"),
                application(line),
                line.value("request"),
                text.toString());
    }

    /** Workers of one of several applications, and their groups, are called after it. */
    private static String application(KeptLine line) {
        if (!line.value("application").isEmpty()) {
            return line.value("application");
        }
        String name = line.value("worker").isEmpty() ? line.value("group") : line.value("worker");
        Matcher of = OF_APPLICATION.matcher(name);
        return of.lookingAt() ? of.group(1) : "";
    }
}
