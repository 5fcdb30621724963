package terpan.daemon;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * The time between an order to stop and the stop, in which whoever sends clients here, such as a load balancer, sees that this is not ready any
 * more. Requests are served all the while. Whoever hands over to another process does not wait: the sockets stay.
 */
final class StopDelay {
    private StopDelay() {}

    /**
     * Tells the loops and systemd, and waits; a second order to stop ends the process anyhow.
     *
     * @param rest how long the stop may take after it
     */
    static void await(Front front, Service service, Duration delay, Duration rest) throws InterruptedException {
        service.stopping(delay.plus(rest));
        if (delay.isZero()) {
            return;
        }
        LoggerFactory.getLogger(StopDelay.class)
                .atInfo()
                .addKeyValue("stop-delay", delay)
                .log("not ready any more, stopping soon");
        front.leave();
        TimeUnit.NANOSECONDS.sleep(delay.toNanos());
    }
}
