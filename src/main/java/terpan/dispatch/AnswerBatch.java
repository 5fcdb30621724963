package terpan.dispatch;

/**
 * The answers of one slot that came in the same turn of a loop. How long each took can not be told apart: the time since the
 * answer before (or since the grant, when the slot was idle) is shared among them, unless the worker itself tells: then no
 * wait for a processor counts that the request had before or after its handler. Stays as it is until an answer of another
 * turn begins the next. Guarded by the dispatcher's lock.
 */
final class AnswerBatch {
    private long at;
    private long from;
    private long answerBefore;
    private int answers;
    private int route;
    private long toldMost;
    private boolean oneRoute;

    /** Whether an answer that came now belongs to this batch. */
    boolean holds(long now) {
        return answers > 0 && now == at;
    }

    /** Begins anew. */
    void begin(long now) {
        answerBefore = at;
        at = now;
        oneRoute = true;
        if (answers == 0) {
            answerBefore = now - (Long.MAX_VALUE >> 1);
        }
        answers = 0;
        toldMost = 0;
    }

    /**
     * Counts an answer in.
     *
     * @param told the service time that the worker tells, nanoseconds; 0: none
     * @return its service time as told, else nanoseconds since this request could have begun
     */
    long add(long grantedAt, int itsRoute, long told) {
        long begun = answerBefore - grantedAt > 0 ? answerBefore : grantedAt;
        if (answers == 0) {
            from = begun;
            route = itsRoute;
        } else {
            from = begun - from < 0 ? begun : from;
            oneRoute &= route == itsRoute;
        }
        answers++;
        toldMost = Math.max(toldMost, told);
        return told > 0 ? told : Math.max(0, at - begun);
    }

    int answers() {
        return answers;
    }

    /** Service time of one answer: the longest that the worker told, else as far as it can be seen; nanoseconds, 0 before the first. */
    long service() {
        if (toldMost > 0) {
            return toldMost;
        }
        return answers == 0 ? 0 : Math.max(0, at - from) / answers;
    }

    /** The route of all answers in it; unknown when they differ. */
    int route() {
        return oneRoute ? route : RouteTable.UNKNOWN;
    }
}
