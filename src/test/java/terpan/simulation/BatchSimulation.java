package terpan.simulation;

import static terpan.simulation.VirtualTime.MICROSECOND;
import static terpan.simulation.VirtualTime.MILLISECOND;
import static terpan.simulation.VirtualTime.SECOND;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import terpan.config.Settings;
import terpan.dispatch.Admission;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.dispatch.Waiter;

/**
 * One loop that works in turns, two built-in workers that take and answer frames, and clients that ask again as soon as they
 * are answered: how deep the windows are and how many requests share a frame.
 */
final class BatchSimulation {
    private static final long PER_TURN = 15 * MICROSECOND;
    private static final long PER_EVENT = 3 * MICROSECOND;
    private static final long CLIENT = 30 * MICROSECOND;
    private static final long COALESCE = 50 * MICROSECOND;
    private static final long RUN = SECOND;

    private final VirtualTime time = new VirtualTime();
    private final Random random = new Random(21);
    private final Dispatcher dispatcher = new Dispatcher(
            new Settings.Dispatch(
                    Settings.Choice.LEAST_LOADED,
                    Settings.Sticky.ADDRESS,
                    0,
                    Duration.ofSeconds(30),
                    32,
                    Duration.ofMillis(1)),
            random::nextInt);
    private final Results results = new Results();
    private final long service;
    private final int slowPerThousand;
    private final Map<Slot, BatchWorker> workers = new LinkedHashMap<>();
    private final Map<Slot, List<Job>> frames = new HashMap<>();
    private final Queue<Runnable> answers = new ArrayDeque<>();
    private final Queue<Runnable> requests = new ArrayDeque<>();
    private final List<Runnable> clients = new ArrayList<>();
    private boolean asleep = true;
    private long turn;
    private long framesSent;
    private long looks;
    private long deep;

    private BatchSimulation(long service, int slowPerThousand, int connections, int pausesPerSecond) {
        this.service = service;
        this.slowPerThousand = slowPerThousand;
        for (int i = 0; i < 2; i++) {
            Slot slot = dispatcher.add(new SlotSpec("w" + i, 1, 32, true));
            BatchWorker worker = new BatchWorker(time, frame -> {
                frame.forEach(job -> answers.add(job::answered));
                wake();
            });
            workers.put(slot, worker);
            frames.put(slot, new ArrayList<>());
            dispatcher.ready(slot, 0);
            if (pausesPerSecond > 0) {
                pauses(worker, pausesPerSecond);
            }
        }
        for (int i = 0; i < connections; i++) {
            ask();
        }
    }

    static String report() {
        StringBuilder report = new StringBuilder("""

                ## Windows and frames

                One loop that works in turns and two built-in workers; clients ask again as soon as they are answered. *Pauses*: how often a
                second the system takes the processor from each worker, for 1 to 8 ms. *Deep*: how often, turn by turn, a worker's
                window was 16 or more.

                | handler | connections | pauses | answers a second | a frame | deep | p50 ms | p99 ms | longest | given back |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        report.append(row("3 us", 3 * MICROSECOND, 0, 64, 0));
        report.append(row("3 us", 3 * MICROSECOND, 0, 64, 20));
        report.append(row("3 us", 3 * MICROSECOND, 0, 64, 100));
        report.append(row("3 us", 3 * MICROSECOND, 0, 8, 20));
        report.append(row("3 us", 3 * MICROSECOND, 0, 1, 0));
        report.append(row("10 us", 10 * MICROSECOND, 0, 64, 20));
        report.append(row("300 us", 300 * MICROSECOND, 0, 64, 20));
        report.append(row("5 ms", 5 * MILLISECOND, 0, 64, 20));
        report.append(row("3 us, 0.1 % of 50 ms on a route of its own", 3 * MICROSECOND, 1, 64, 20));
        return report.toString();
    }

    private static String row(String handler, long service, int slowPerThousand, int connections, int pauses) {
        BatchSimulation run = new BatchSimulation(service, slowPerThousand, connections, pauses);
        run.time.run(RUN);
        long deepPercent = run.looks == 0 ? 0 : 100 * run.deep / run.looks;
        DispatchSnapshot snapshot = run.dispatcher.snapshot();
        String perFrame =
                String.format(Locale.ROOT, "%.1f", snapshot.counts().granted() / (double) Math.max(1, run.framesSent));
        return "| " + handler + " | " + connections + " | " + pauses + " | "
                + run.results.answers() * SECOND / RUN + " | " + perFrame + " | " + deepPercent + " % | "
                + run.results.times() + " | " + run.results.returned + " |\n";
    }

    private void pauses(BatchWorker worker, int perSecond) {
        time.after(2 * (random.nextInt(1_000_000) * (SECOND / 1_000_000)) / perSecond, () -> {
            worker.pause(MILLISECOND + random.nextInt(7_000_000));
            pauses(worker, perSecond);
        });
    }

    private void ask() {
        boolean slow = random.nextInt(1000) < slowPerThousand;
        Request request = new Request(time.now(), slow ? 50 * MILLISECOND : service, slow, slow ? 2 : 1, results);
        requests.add(() -> {
            Exchange exchange = new Exchange(request);
            exchange.take(dispatcher.admit(exchange, time.now(), turn));
        });
        wake();
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            time.after(PER_EVENT, this::turn);
        }
    }

    /** One turn: every answer, then every request, then all is sent. */
    private void turn() {
        turn++;
        int events = answers.size() + requests.size();
        runAll(answers);
        runAll(requests);
        for (DispatchSnapshot.SlotSnapshot slot : dispatcher.snapshot().slots()) {
            looks++;
            deep += slot.window() >= 16 ? 1 : 0;
        }
        List<Runnable> answered = new ArrayList<>(clients);
        clients.clear();
        long busy = PER_TURN + events * PER_EVENT;
        time.after(busy, () -> endTurn(answered, events));
    }

    private void endTurn(List<Runnable> answered, int events) {
        for (Runnable client : answered) {
            time.after(CLIENT, client);
        }
        workers.forEach((slot, worker) -> {
            List<Job> frame = Objects.requireNonNull(frames.put(slot, new ArrayList<>()));
            if (!frame.isEmpty()) {
                framesSent++;
                worker.take(frame);
            }
        });
        boolean coalesce = events < 16 && dispatcher.snapshot().inFlight() >= 16;
        time.after(coalesce ? COALESCE : 0, () -> {
            if (answers.isEmpty() && requests.isEmpty()) {
                asleep = true;
            } else {
                turn();
            }
        });
    }

    private static void runAll(Queue<Runnable> steps) {
        for (int left = steps.size(); left > 0; left--) {
            Objects.requireNonNull(steps.poll()).run();
        }
    }

    private final class Exchange implements Waiter, Job {
        private final Request request;
        private @Nullable Lease lease;

        Exchange(Request request) {
            this.request = request;
        }

        void take(Admission admission) {
            switch (admission) {
                case Lease granted -> granted(granted);
                case Admission.Queued _ -> {}
                case Admission.Rejected reason -> rejected(reason);
            }
        }

        @Override
        public void granted(Lease granted) {
            lease = granted;
            Objects.requireNonNull(frames.get(granted.slot())).add(this);
        }

        @Override
        public void rejected(Admission.Rejected reason) {
            results.refused++;
        }

        @Override
        public boolean bodyRepeatable() {
            return true;
        }

        @Override
        public int route() {
            return request.route();
        }

        @Override
        public long service() {
            return request.service();
        }

        @Override
        public void answered() {
            Objects.requireNonNull(lease).settle(Outcome.ANSWERED, time.now());
            results.answered(request, time.now());
            clients.add(BatchSimulation.this::ask);
        }

        @Override
        public void returned() {
            results.returned++;
            answers.add(() -> {
                Objects.requireNonNull(lease).settle(Outcome.RETURNED, time.now());
                take(dispatcher.readmit(this, request.arrived(), time.now()));
            });
            wake();
        }

        @Override
        public void lost() {
            throw new IllegalStateException("no worker dies here");
        }
    }
}
