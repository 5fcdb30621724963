package terpan.sampler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import terpan.picture.Picture;

/**
 * Which workers' memory goes on growing: by looks some seconds apart, over a minute, and not at once. What a worker takes as it begins is not
 * looked at. Bounded by the workers that there are; not thread-safe.
 */
final class MemoryTrend {
    /** Looks of a minute. */
    static final int LOOKS = 13;

    /** Looks after a worker was first seen that do not count. */
    static final int FIRST = 3;

    /** Bytes a minute from which on it is told of. */
    static final long LEAST = 1 << 20;

    private static final int MEAN_OF = 3;
    private static final double NANOS_A_MINUTE = TimeUnit.MINUTES.toNanos(1);

    /**
     * A worker whose memory grows.
     *
     * @param bytes that it has now
     * @param perMinute bytes that it grows by in a minute
     */
    record Growth(String worker, long bytes, long perMinute) {}

    private record Look(long nanos, long bytes) {}

    private static final class Known {
        int seen;
        final Deque<Look> looks = new ArrayDeque<>();
    }

    private Map<Long, Known> known = new HashMap<>();
    private List<Growth> growing = List.of();

    /** To be called every few seconds; what {@link #growing} says follows. */
    void look(long now, List<Picture.Worker> workers) {
        Map<Long, Known> present = new HashMap<>();
        List<Growth> found = new ArrayList<>();
        for (Picture.Worker worker : workers) {
            if (worker.pid().isEmpty() || worker.residentBytes().isEmpty()) {
                continue;
            }
            Known its = known.getOrDefault(worker.pid().getAsLong(), new Known());
            present.put(worker.pid().getAsLong(), its);
            if (its.seen++ < FIRST) {
                continue;
            }
            its.looks.addLast(new Look(now, worker.residentBytes().getAsLong()));
            if (its.looks.size() > LOOKS) {
                its.looks.removeFirst();
            }
            add(worker.name(), List.copyOf(its.looks), found);
        }
        known = present;
        growing = List.copyOf(found);
    }

    private static void add(String name, List<Look> looks, List<Growth> found) {
        if (looks.size() < LOOKS) {
            return;
        }
        double first = mean(looks, 0);
        double last = mean(looks, LOOKS - MEAN_OF);
        double minutes = (looks.get(LOOKS - MEAN_OF / 2 - 1).nanos()
                        - looks.get(MEAN_OF / 2).nanos())
                / NANOS_A_MINUTE;
        double perMinute = (last - first) / minutes;
        if (perMinute >= LEAST && largestStep(looks) <= (last - first) / 2) {
            found.add(new Growth(name, looks.getLast().bytes(), (long) perMinute));
        }
    }

    /** What was taken at once, such as a cache that is filled, does not go on. */
    private static long largestStep(List<Look> looks) {
        long largest = 0;
        for (int i = 1; i < looks.size(); i++) {
            largest = Math.max(largest, looks.get(i).bytes() - looks.get(i - 1).bytes());
        }
        return largest;
    }

    private static double mean(List<Look> looks, int from) {
        return looks.subList(from, from + MEAN_OF).stream()
                .mapToLong(Look::bytes)
                .average()
                .orElseThrow();
    }

    /** Those whose memory grew until the last look. */
    List<Growth> growing() {
        return growing;
    }
}
