package terpan.dispatch;

/** The dispatcher's answer to a request: a lease on a slot, a place in the wait queue, or a refusal. */
public sealed interface Admission permits Lease, Admission.Queued, Admission.Rejected {
    /** The request waits; its {@link Waiter} hears of the grant or the refusal. */
    enum Queued implements Admission {
        QUEUED
    }

    /** The request is refused; each reason is counted and answered with 503. */
    enum Rejected implements Admission {
        /** The wait queue is full. */
        QUEUE_FULL("queue full"),
        /** The request waited longer than {@code queue-wait}. */
        WAIT_TOO_LONG("queue wait too long"),
        /** No slot is ready and none will be soon: every worker is in a crash loop, or out of reach for long. */
        NO_WORKER("no worker is ready"),
        /** Terpan is stopping. */
        DRAINING("draining");

        private final String label;

        Rejected(String label) {
            this.label = label;
        }

        /** The reason as logs, metrics and answers name it. */
        public String label() {
            return label;
        }
    }
}
