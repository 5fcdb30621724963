package terpan.worker;

import java.time.Duration;
import java.util.Map;

/** What the supervisor's mailbox holds. The token names one process of one worker; news of an earlier one is dropped. */
sealed interface Message {
    /** A launcher said something on its control connection. */
    record Said(String token, Map<String, String> fields, ControlServer.Connection connection) implements Message {}

    /** A launcher said what it may not say; its connection is closed. */
    record Broke(String token, String why) implements Message {}

    /** All that a launcher said was read. */
    record SaidAll(String token) implements Message {}

    /** A process ended. */
    record Exited(String token, int status) implements Message {}

    /** All that a process wrote was read. */
    record OutputEnded(String token) implements Message {}

    /** A worker that drains has nothing in flight. */
    record Idle(String token) implements Message {}

    /** The readiness path was answered below 500. */
    record Probed(String token) implements Message {}

    /** The guard's process ended. */
    record GuardExited() implements Message {}

    /** An operator wants something done with workers. */
    record Ordered(Order order) implements Message {}

    /** Something to be done on the supervisor's thread. */
    record Run(Runnable task) implements Message {}

    /** A worker's process hangs; why, in words. */
    record Hangs(long pid, String why) implements Message {}

    /** A worker's process shall be sent a signal. */
    record Signal(long pid, int number) implements Message {}

    /** Everything shall end; requests in flight have that long. */
    record Stop(Duration drain, Duration tasks) implements Message {}

    /** Everything shall end now. */
    record StopNow() implements Message {}
}
