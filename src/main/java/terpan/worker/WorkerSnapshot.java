package terpan.worker;

import java.time.Instant;

/**
 * A worker as an operator sees it.
 *
 * @param group the name of its group
 * @param pid its process; 0: none at the moment
 * @param reason why it is in this state, for people
 * @param restarts how often its process was replaced
 * @param since when it came into this state
 * @param generation rises with each reload
 * @param python the interpreter's version; empty: not known yet
 * @param server the server and its version; empty: not known yet
 * @param failure why its last start failed, such as a traceback, in lines; empty where it did not
 */
public record WorkerSnapshot(
        String name,
        String group,
        long pid,
        WorkerState state,
        String reason,
        int restarts,
        Instant since,
        int generation,
        String python,
        String server,
        String failure) {}
