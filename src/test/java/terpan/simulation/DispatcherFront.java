package terpan.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import terpan.config.Settings;
import terpan.dispatch.Admission;
import terpan.dispatch.DispatchSnapshot;
import terpan.dispatch.Dispatcher;
import terpan.dispatch.Lease;
import terpan.dispatch.Outcome;
import terpan.dispatch.Slot;
import terpan.dispatch.SlotSpec;
import terpan.dispatch.Waiter;

/** The dispatcher as the front uses it. */
final class DispatcherFront implements Front {
    private static final long EXPIRE = 250 * VirtualTime.MILLISECOND;

    private final String name;
    private final VirtualTime time;
    private final Dispatcher dispatcher;
    private final int windowMost;
    private final Map<PretendWorker, Slot> slots = new HashMap<>();
    private final Map<Slot, PretendWorker> workers = new HashMap<>();

    DispatcherFront(String name, VirtualTime time, int windowMost) {
        this.name = name;
        this.time = time;
        this.windowMost = windowMost;
        Settings.Dispatch settings = new Settings.Dispatch(
                Settings.Choice.LEAST_LOADED, 0, Duration.ofSeconds(30), 32, Duration.ofMillis(1));
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
        Slot slot = dispatcher.add(
                new SlotSpec(worker.name, 0, weight, 1, windowMost, worker.givesBack(), SlotSpec.BUSY_WITH));
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

    private void expire() {
        dispatcher.expire(time.now());
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
            Objects.requireNonNull(workers.get(lease.slot())).take(new Job() {
                @Override
                public long service() {
                    return request.service();
                }

                @Override
                public void answered() {
                    dispatcher.settle(lease, Outcome.ANSWERED, time.now());
                    request.results().answered(request, time.now());
                }

                @Override
                public void returned() {
                    request.results().returned++;
                    dispatcher.settle(lease, Outcome.RETURNED, time.now());
                    take(dispatcher.readmit(Exchange.this, request.arrived(), time.now()));
                }

                @Override
                public void lost() {
                    request.results().lost++;
                    dispatcher.settle(lease, Outcome.FAILED, time.now());
                }
            });
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
    }
}
