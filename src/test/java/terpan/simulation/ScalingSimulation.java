package terpan.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import terpan.config.Settings;
import terpan.worker.AutoScale;

/** How well the number of workers follows the load, by how it is tuned: {@link AutoScale} itself, in time that is pretended. */
final class ScalingSimulation {
    private static final int STEPS_A_SECOND = 100;
    private static final double STEP = 1.0 / STEPS_A_SECOND;
    private static final double START_SECONDS = 3;
    private static final double LATE_SECONDS = 0.1;
    private static final double QUEUE_SECONDS = 30;
    private static final double MEAN = 0.05;
    private static final int LEAST = 2;
    private static final int MOST = 16;
    private static final long SIZE = 100L << 20;

    /** What comes; a request is so long, and of that so much needs a processor. */
    private enum Load {
        STEP_UP(
                "Step",
                "20 a second, then 150, then 20 again",
                1_200,
                at -> at < 120 || at > 600 ? 20 : 150,
                MEAN,
                0.2,
                8,
                MOST),
        RAMP("Ramp", "10 a second to 200 in ten minutes, and back", 1_260, at -> ramp(at), MEAN, 0.2, 8, MOST),
        BURST(
                "Bursts",
                "20 a second, and 200 for ten seconds of each five minutes",
                1_800,
                at -> at % 300 >= 120 && at % 300 < 130 ? 200 : 20,
                MEAN,
                0.2,
                8,
                MOST),
        DAY(
                "A day in two hours",
                "10 a second by night, 210 by day",
                7_200,
                at -> 110 - 100 * Math.cos(at / 3_600 * Math.PI),
                MEAN,
                0.2,
                8,
                MOST),
        PROCESSORS(
                "More than the processors can do",
                "20 a second, then 90 for two minutes; four processors, and nothing is waited for",
                600,
                at -> at > 120 && at < 240 ? 90 : 20,
                MEAN,
                1,
                4,
                MOST),
        DATABASE(
                "Waiting for a database",
                "4 a second, then 20 of half a second",
                900,
                at -> at < 120 || at > 480 ? 4 : 20,
                0.5,
                0.01,
                2,
                MOST),
        MEMORY(
                "Short of memory",
                "20 a second, then 100, then 20 again, with memory for six workers",
                1_200,
                at -> at < 120 || at > 600 ? 20 : 100,
                MEAN,
                0.2,
                8,
                6),
        EDGE(
                "At the edge",
                "what keeps 3.2 of five workers busy, now a fifth more, now a fifth less, each for 45 seconds",
                3_600,
                at -> at % 90 < 45 ? 77 : 51,
                MEAN,
                0.2,
                8,
                MOST),
        SWING(
                "Back and forth",
                "100 a second for twenty seconds of each hundred, else 20",
                3_600,
                at -> at % 100 < 20 ? 100 : 20,
                MEAN,
                0.2,
                8,
                MOST);

        private final String title;
        private final String text;
        private final int seconds;
        /** Requests a second, by the second. */
        @SuppressWarnings("ImmutableEnumChecker") // functions without a state
        private final DoubleUnaryOperator rate;

        private final double mean;
        private final double processor;
        private final int processors;
        private final int memory;

        Load(
                String title,
                String text,
                int seconds,
                DoubleUnaryOperator rate,
                double mean,
                double processor,
                int processors,
                int memory) {
            this.title = title;
            this.text = text;
            this.seconds = seconds;
            this.rate = rate;
            this.mean = mean;
            this.processor = processor;
            this.processors = processors;
            this.memory = memory;
        }

        private static double ramp(double at) {
            return at < 630 ? Math.min(200, 10 + 190 * at / 600) : Math.max(10, 200 - 190 * (at - 630) / 600);
        }
    }

    /** How many workers there are to be. */
    private interface Policy {
        int workers(double at, AutoScale.Reading reading);
    }

    private record Candidate(String name, Duration downAfter, AutoScale.Tuning tuning) {
        Policy policy() {
            AutoScale scale = new AutoScale(new Settings.Scaling(LEAST, MOST, downAfter), tuning);
            return (at, reading) -> switch (scale.decide(reading)) {
                case AutoScale.Decision.Stay stay -> reading.present();
                case AutoScale.Decision.Change change -> change.workers();
            };
        }
    }

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final AutoScale.Tuning STANDARD = AutoScale.Tuning.STANDARD;
    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate("chosen", MINUTE, STANDARD),
            new Candidate(
                    "without patience",
                    MINUTE,
                    new AutoScale.Tuning(
                            STANDARD.high(),
                            STANDARD.target(),
                            STANDARD.low(),
                            STANDARD.longestWait(),
                            STANDARD.look(),
                            STANDARD.growth(),
                            STANDARD.gap(),
                            1)),
            new Candidate(
                    "eager",
                    Duration.ofSeconds(15),
                    new AutoScale.Tuning(0.7, 0.6, 0.5, Duration.ofMillis(10), Duration.ofSeconds(2), 4, 0.2, 1)),
            new Candidate(
                    "without a gap",
                    MINUTE,
                    new AutoScale.Tuning(0.7, 0.7, 0.7, Duration.ofMillis(50), Duration.ofSeconds(5), 2, 0.2, 1)),
            new Candidate(
                    "sluggish",
                    Duration.ofMinutes(5),
                    new AutoScale.Tuning(0.9, 0.8, 0.5, Duration.ofMillis(500), Duration.ofSeconds(15), 2, 0.2, 1)));

    private ScalingSimulation() {}

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## Workers that become more and fewer

                A range of 2 to 16 workers, each with one request at a time; a new one is ready after three seconds. A request takes 50 ms in the
                mean and a fifth of that is work for one of eight processors, if nothing else is said. *Late*: the share of requests that took 100 ms longer than they would
                have alone, or were refused after 30 s in the queue. *Workers*: how many there were in the mean, and the most. *Beside the oracle*: the same in relation to one that knows what
                will come, whose workers are there at once, as many as are busy for seven tenths of the time. *Changes*: how often the number changed. *Without a gap*: what makes it grow is what lets it shrink.

                """);
        for (Load load : Load.values()) {
            report.append("**")
                    .append(load.title)
                    .append("**: ")
                    .append(load.text)
                    .append(".\n\n");
            report.append(
                    "| | late | workers | most | beside the oracle | changes |\n| --- | --- | --- | --- | --- | --- |\n");
            Policy all = (at, reading) -> Math.min(load.memory, MOST);
            Run oracle = new Run(load, (at, reading) -> oracle(load, at), true);
            oracle.run();
            row(report, "the oracle", oracle, oracle);
            row(report, "2 always", new Run(load, (at, reading) -> LEAST, true).run(), oracle);
            row(report, Math.min(load.memory, MOST) + " always", new Run(load, all, true).run(), oracle);
            for (Candidate candidate : CANDIDATES) {
                row(report, candidate.name(), new Run(load, candidate.policy(), false).run(), oracle);
            }
            report.append('\n');
        }
        return report.append("""
                        Why the chosen one: *eager* and *without a gap* change the number up to ten times as often for a few workers less, and pay for it
                        with late requests where the load comes back; *without patience* does so where it comes back again and again. *Sluggish* is late at every rise, and keeps
                        more workers after it. None can be in time for what begins within the three seconds of a start: for that the smaller number of the range is.
                        """).toString();
    }

    private static int oracle(Load load, double at) {
        double most = 0;
        for (int ahead = 0; ahead < 5; ahead++) {
            most = Math.max(most, load.rate.applyAsDouble(at + ahead));
        }
        int needed = (int) Math.ceil(most * load.mean / 0.7);
        return Math.clamp(needed, LEAST, Math.min(load.memory, MOST));
    }

    private static void row(StringBuilder report, String name, Run run, Run oracle) {
        report.append(String.format(
                Locale.ROOT,
                "| %s | %.2f %% | %.1f | %d | %.2f | %d |%n",
                name,
                100.0 * run.late / run.answered,
                run.workerSeconds / run.load.seconds,
                run.mostWorkers,
                run.workerSeconds / oracle.workerSeconds,
                run.changes));
    }

    private static final class Work {
        final double came;
        final double alone;
        double waits;
        double works;

        Work(double came, double waits, double works) {
            this.came = came;
            this.alone = waits + works;
            this.waits = waits;
            this.works = works;
        }
    }

    /** A load with a policy, from the first second to the last. */
    private static final class Run {
        private final Load load;
        private final Policy policy;
        private final boolean atOnce;
        private final Random random = new Random(1);
        private final Deque<Work> queue = new ArrayDeque<>();
        private final List<Work> busy = new ArrayList<>();

        /** When each worker is ready, in seconds. */
        private final List<Double> ready = new ArrayList<>();

        long answered;
        long late;
        int changes;
        int mostWorkers;
        double workerSeconds;
        private double busySeconds;
        private double boundSeconds;
        private double processorSeconds;
        private long given;
        private double waited;
        private int behind;
        private int refused;

        Run(Load load, Policy policy, boolean atOnce) {
            this.load = load;
            this.policy = policy;
            this.atOnce = atOnce;
        }

        Run run() {
            set(0, LEAST);
            ready.replaceAll(at -> 0.0);
            changes = 0;
            for (int second = 0; second < load.seconds; second++) {
                for (int step = 0; step < STEPS_A_SECOND; step++) {
                    step(second + step * STEP);
                }
                look(second + 1);
            }
            return this;
        }

        private void set(double at, int workers) {
            changes += workers == ready.size() ? 0 : 1;
            while (ready.size() < workers) {
                ready.add(atOnce ? at : at + START_SECONDS);
            }
            while (ready.size() > workers) {
                ready.removeLast();
            }
            mostWorkers = Math.max(mostWorkers, workers);
        }

        private int ready(double at) {
            return (int) ready.stream().filter(since -> since <= at).count();
        }

        private void step(double at) {
            double untilNext = next();
            for (double left = STEP * load.rate.applyAsDouble(at); untilNext < left; untilNext += next()) {
                double length = next() * load.mean;
                queue.add(new Work(at, length * (1 - load.processor), length * load.processor));
            }
            while (!queue.isEmpty() && at - queue.getFirst().came > QUEUE_SECONDS) {
                queue.removeFirst();
                refused++;
                answered++;
                late++;
            }
            int serving = ready(at);
            while (!queue.isEmpty() && busy.size() < serving) {
                Work first = queue.removeFirst();
                given++;
                waited += at - first.came;
                busy.add(first);
            }
            long works = busy.stream().filter(work -> work.waits <= 0).count();
            long atWork = works + ready.size() - serving;
            double speed = atWork <= load.processors ? 1 : (double) load.processors / atWork;
            processorSeconds += Math.min(atWork, load.processors) * STEP;
            boundSeconds += works * STEP;
            busySeconds += busy.size() * STEP;
            workerSeconds += ready.size() * STEP;
            busy.removeIf(work -> go(work, speed, at));
        }

        private double next() {
            return -Math.log(1 - random.nextDouble());
        }

        private boolean go(Work work, double speed, double at) {
            if (work.waits > 0) {
                work.waits -= STEP;
                return work.waits <= 0 && work.works <= 0 && answer(work, at);
            }
            work.works -= STEP * speed;
            return work.works <= 0 && answer(work, at);
        }

        private boolean answer(Work work, double at) {
            answered++;
            late += at - work.came - work.alone > LATE_SECONDS ? 1 : 0;
            return true;
        }

        private void look(double at) {
            double oldest = queue.isEmpty() ? 0 : at - queue.getFirst().came;
            long free = (long) Math.max(0, (load.memory * 1.1 - ready.size()) * SIZE);
            int wanted = policy.workers(
                    at,
                    new AutoScale.Reading(
                            (long) (at * 1e9),
                            ready.size(),
                            ready(at),
                            busySeconds,
                            busySeconds == 0 ? 0 : boundSeconds / busySeconds,
                            AutoScale.rise(given, queue.size() - behind + refused),
                            AutoScale.meanWait(given, (long) (1e9 * waited), queue.size(), (long) (1e9 * oldest)),
                            processorSeconds / load.processors,
                            OptionalLong.of(free),
                            OptionalLong.of(SIZE)));
            behind = queue.size();
            given = 0;
            refused = 0;
            waited = 0;
            busySeconds = 0;
            boundSeconds = 0;
            processorSeconds = 0;
            set(at, wanted);
        }
    }
}
