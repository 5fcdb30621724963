package terpan.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code terpan status --json} tells, as far as the tests look at it. */
public record Status(String json) {
    private static final Pattern WORKER = Pattern.compile("\\{\"name\":\"[^\"]*\",\"group\":[^{}]*}");
    private static final Pattern GROUP = Pattern.compile("\\{\"name\":\"[^\"]*\",\"server\":[^{}]*}");

    /** The front's process. */
    public long pid() {
        return Long.parseLong(value(json, "pid"));
    }

    /** A worker's part of it. */
    public record Worker(String json) {
        public String name() {
            return value(json, "name");
        }

        /** 0: it has no process at the moment. */
        public long pid() {
            String pid = value(json, "pid");
            return pid.equals("null") ? 0 : Long.parseLong(pid);
        }

        public String state() {
            return value(json, "state");
        }

        public long settled() {
            return Long.parseLong(value(json, "settled"));
        }

        public long window() {
            return Long.parseLong(value(json, "window"));
        }

        public long capacity() {
            return Long.parseLong(value(json, "capacity"));
        }

        public long restarts() {
            return Long.parseLong(value(json, "restarts"));
        }

        public long residentBytes() {
            return Long.parseLong(value(json, "resident_bytes"));
        }

        public long inFlight() {
            return Long.parseLong(value(json, "in_flight"));
        }
    }

    /** A group's part of it. */
    public record Group(String json) {
        String name() {
            return value(json, "name");
        }

        long number(String name) {
            return Long.parseLong(value(json, name));
        }

        double meanSeconds() {
            return Double.parseDouble(value(json, "mean_seconds"));
        }
    }

    public Group group(String name) {
        Matcher found = GROUP.matcher(json);
        while (found.find()) {
            Group group = new Group(found.group());
            if (group.name().equals(name)) {
                return group;
            }
        }
        throw new NoSuchElementException(name + " in " + json);
    }

    public List<Worker> workers() {
        List<Worker> workers = new ArrayList<>();
        Matcher found = WORKER.matcher(json);
        while (found.find()) {
            workers.add(new Worker(found.group()));
        }
        return workers;
    }

    public long readyWorkers() {
        return workers().stream()
                .filter(worker -> worker.state().equals("ready"))
                .count();
    }

    /** Whether so many workers are ready, and none of them is this process. */
    public boolean readyWithout(long pid, int count) {
        return readyWorkers() == count && workers().stream().noneMatch(worker -> worker.pid() == pid);
    }

    public long number(String name) {
        return Long.parseLong(value(json, name));
    }

    private static String value(String json, String name) {
        Matcher found =
                Pattern.compile("\"" + name + "\":(?:\"([^\"]*)\"|([^,}\\]]*))").matcher(json);
        if (!found.find()) {
            throw new NoSuchElementException(name + " in " + json);
        }
        return found.group(1) == null ? found.group(2) : found.group(1);
    }
}
