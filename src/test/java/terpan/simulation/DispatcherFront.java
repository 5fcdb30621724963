package terpan.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import terpan.config.Settings;
import terpan.dispatch.Admission;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Hang;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.dispatch.Waiter;
import terpan.metrics.GroupMetrics;

/** The dispatcher as the front uses it. */
final class DispatcherFront implements Front {
    private static final long EXPIRE = 250 * VirtualTime.MILLISECOND;

    private final String name;
    private final VirtualTime time;
    private final Dispatcher dispatcher;
    private final int windowMost;
    private final Map<PretendWorker, Slot> slots = new HashMap<>();
    private final Map<Slot, PretendWorker> workers = new HashMap<>();

    /** When a request is given up; 0: never. */
    private long answerIdle;

    private Consumer<PretendWorker> hung = worker -> {};

    DispatcherFront(String name, VirtualTime time, int windowMost) {
        this(name, time, windowMost, Settings.Choice.LEAST_LOADED);
    }

    DispatcherFront(String name, VirtualTime time, int windowMost, Settings.Choice choice) {
        this.name = name;
        this.time = time;
        this.windowMost = windowMost;
        Settings.Dispatch settings = new Settings.Dispatch(
                choice, Settings.Sticky.ADDRESS, 0, Duration.ofSeconds(30), 32, Duration.ofMillis(1));
        this.dispatcher = new Dispatcher(settings, new Random(12)::nextInt);
        expire();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void join(PretendWorker worker) {
        join(worker, 1);
    }

    void join(PretendWorker worker, int weight) {
        GroupMetrics group = new GroupMetrics("", 1);
        Slot slot = dispatcher.add(new SlotSpec(
                worker.name, group, weight, 1, windowMost, worker.givesBack(), SlotSpec.BUSY_WITH, answerIdle, false));
        slots.put(worker, slot);
        workers.put(slot, worker);
        dispatcher.ready(slot, time.now());
    }

    @Override
    public void drain(PretendWorker worker, Runnable idle) {
        dispatcher.drain(slot(worker), idle);
    }

    @Override
    public void leave(PretendWorker worker) {
        dispatcher.remove(slot(worker));
    }

    @Override
    public void arrive(Request request) {
        Exchange exchange = new Exchange(request);
        exchange.take(dispatcher.admit(exchange, time.now(), time.now()));
    }

    @Override
    public boolean watch(long newAnswerIdle, Consumer<PretendWorker> newHung) {
        answerIdle = newAnswerIdle;
        hung = newHung;
        return true;
    }

    private void expire() {
        dispatcher.expire(time.now());
        for (Hang hang : dispatcher.hung(time.now())) {
            hung.accept(Objects.requireNonNull(workers.get(hang.slot())));
        }
        time.after(EXPIRE, this::expire);
    }

    /** Requests that a worker has ended. */
    long settled(PretendWorker worker) {
        return dispatcher.snapshot().slots().stream()
                .filter(slot -> slot.name().equals(worker.name))
                .mapToLong(DispatchSnapshot.SlotSnapshot::settled)
                .sum();
    }

    private Slot slot(PretendWorker worker) {
        return Objects.requireNonNull(slots.get(worker));
    }

    private final class Exchange implements Waiter {
        private final Request request;

        Exchange(Request request) {
            this.request = request;
        }

        void take(Admission admission) {
            switch (admission) {
                case Lease lease -> granted(lease);
                case Admission.Queued _ -> {}
                case Admission.Rejected reason -> rejected(reason);
            }
        }

        @Override
        public void granted(Lease lease) {
            Granted granted = new Granted(lease);
            Objects.requireNonNull(workers.get(lease.slot())).take(granted);
            if (answerIdle > 0) {
                time.after(answerIdle, granted::giveUp);
            }
        }

        /** The request with a worker. */
        private final class Granted implements Job {
            private final Lease lease;
            private boolean over;
            private boolean givenUp;

            Granted(Lease lease) {
                this.lease = lease;
            }

            void giveUp() {
                if (!over) {
                    givenUp = true;
                    request.results().lost++;
                    lease.giveUp(time.now());
                }
            }

            private void settle(Outcome outcome) {
                over = true;
                lease.settle(givenUp ? Outcome.TIMED_OUT : outcome, time.now());
            }

            @Override
            public long service() {
                return request.service();
            }

            @Override
            public void answered() {
                settle(Outcome.ANSWERED);
                if (!givenUp) {
                    request.results().answered(request, time.now());
                    request.results()
                            .answeredBy(request.client(), lease.slot().spec().name());
                }
            }

            @Override
            public void returned() {
                settle(Outcome.RETURNED);
                if (!givenUp) {
                    request.results().returned++;
                    take(dispatcher.readmit(Exchange.this, request.arrived(), time.now()));
                }
            }

            @Override
            public void lost() {
                settle(Outcome.FAILED);
                request.results().lost += givenUp ? 0 : 1;
            }
        }

        @Override
        public void rejected(Admission.Rejected reason) {
            request.results().refused++;
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
        public long stickyKey() {
            return request.client();
        }
    }
}
