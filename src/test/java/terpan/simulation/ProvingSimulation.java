package terpan.simulation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import terpan.dispatch.ProofCounts;
import terpan.dispatch.Tally;

/** How often a new version is taken back that is as good as the old one, or worse, and after how many of its requests. */
final class ProvingSimulation {
    private static final int RUNS = 1_000;
    private static final int REQUESTS = 200;
    private static final double SHARE = 0.05;
    /** How the requests of a version turn out. */
    private enum Version {
        PLAIN("2 ms", 0, 0, 1),
        SLOW_TAIL("2 ms, 5 % of 50 ms", 0, 0.05, 1),
        FAILS_SOME("2 ms, 1 % fails", 0.01, 0, 1),
        FAILS_MORE("2 ms, 5 % fails", 0.05, 0, 1),
        FAILS_A_LOT("2 ms, 20 % fails", 0.2, 0, 1),
        FAILS_ALL("2 ms, all fails", 1, 0, 1),
        SLOWER("2.4 ms", 0, 0, 1.2),
        TEN_TIMES("20 ms", 0, 0, 10),
        LONG_TAIL("2 ms, 20 % of 50 ms", 0, 0.2, 1);

        private final String text;
        private final double failures;
        private final double slow;
        private final double factor;

        Version(String text, double failures, double slow, double factor) {
            this.text = text;
            this.failures = failures;
            this.slow = slow;
            this.factor = factor;
        }

        void request(Tally tally, Random random) {
            double millis = random.nextDouble() < slow ? 50 : factor * 2;
            // Whatever else goes on: up to twice as long.
            tally.add(random.nextDouble() < failures, (long) (millis * 1e6 * (1 + random.nextDouble())));
        }
    }

    private ProvingSimulation() {}

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## Proving

                A new version answers 5 %% of the requests until it has had 200. Its failures are compared with the old one's with each that
                there is, its times in the end. %,d runs each. *Taken back*: how often it is found worse. *After*: how many requests it had had by then, in the middle.

                | the old version | the new one | taken back | after |
                | --- | --- | --- | --- |
                """.formatted(RUNS));
        row(report, Version.PLAIN, Version.PLAIN);
        row(report, Version.SLOW_TAIL, Version.SLOW_TAIL);
        row(report, Version.FAILS_SOME, Version.FAILS_SOME);
        row(report, Version.FAILS_MORE, Version.FAILS_MORE);
        row(report, Version.PLAIN, Version.SLOWER);
        row(report, Version.PLAIN, Version.FAILS_MORE);
        row(report, Version.FAILS_SOME, Version.FAILS_A_LOT);
        row(report, Version.PLAIN, Version.FAILS_ALL);
        row(report, Version.FAILS_MORE, Version.PLAIN);
        row(report, Version.PLAIN, Version.TEN_TIMES);
        row(report, Version.SLOW_TAIL, Version.LONG_TAIL);
        row(report, Version.TEN_TIMES, Version.PLAIN);
        return report.toString();
    }

    private static void row(StringBuilder report, Version old, Version fresh) {
        int back = 0;
        long[] after = new long[RUNS];
        for (int run = 0; run < RUNS; run++) {
            long requests = takenBack(old, fresh, new Random(run));
            if (requests > 0) {
                after[back++] = requests;
            }
        }
        long[] found = Arrays.copyOf(after, back);
        Arrays.sort(found);
        report.append(String.format(
                Locale.ROOT,
                "| %s | %s | %.1f %% | %s |%n",
                old.text,
                fresh.text,
                back * 100.0 / RUNS,
                back == 0 ? "-" : String.valueOf(found[back / 2])));
    }

    /** After how many of the new version's requests it is found worse; 0: it is not. */
    private static long takenBack(Version old, Version fresh, Random random) {
        Tally olds = new Tally();
        Tally news = new Tally();
        ProofCounts counts = new ProofCounts(news, olds);
        while (news.requests() < REQUESTS) {
            boolean proves = random.nextDouble() < SHARE;
            long failed = news.failures();
            (proves ? fresh : old).request(proves ? news : olds, random);
            if (news.failures() > failed && counts.failsMore()) {
                return news.requests();
            }
        }
        return counts.isSlower() ? news.requests() : 0;
    }
}
