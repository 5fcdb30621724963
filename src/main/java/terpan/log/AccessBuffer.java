package terpan.log;

/**
 * One loop's end of the access log: lines are encoded here at once. The lock is taken by the loop for each line and by the
 * writer ten times a second to take what is there; nothing blocks under it.
 */
public final class AccessBuffer {
    private final AccessLog log;
    private final AccessEncoder encoder;
    private final AccessChoice choice;
    private LineBytes line = AccessLog.NONE;
    private long dropped;

    AccessBuffer(AccessLog log, AccessEncoder encoder, AccessChoice choice) {
        this.log = log;
        this.choice = choice;
        this.encoder = encoder;
    }

    /** Adds the entry's line if the rules want one; when the writer is too far behind, it is dropped and counted. Never blocks on a disk. */
    public void write(AccessEntry entry) {
        if (!choice.wants(entry)) {
            return;
        }
        boolean first;
        synchronized (this) {
            if (line.free() < AccessEncoder.LINE_MOST) {
                handOver();
                line = log.free();
                if (line == AccessLog.NONE) {
                    dropped++;
                    return;
                }
            }
            first = line.end == 0;
            encoder.encode(entry, line);
            line.lines++;
        }
        if (first) {
            log.wake();
        }
    }

    /** Gives what is there to the writer. */
    synchronized void handOver() {
        if (line.end > 0) {
            log.full(line);
            line = AccessLog.NONE;
        }
    }

    synchronized long dropped() {
        return dropped;
    }
}
