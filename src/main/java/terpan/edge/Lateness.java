package terpan.edge;

import org.jspecify.annotations.Nullable;
import terpan.log.Cut;
import terpan.metrics.ClientRefusal;
import terpan.metrics.Limit;

/** What happens when a deadline of one client's connection passes, by the connection's phase. Belongs to the loop's thread. */
final class Lateness {
    /** Room that an input keeps for more of a head that comes slowly. */
    private static final int SLOW_ROOM = 1024;

    private final Edge edge;
    private final ClientConnection connection;
    private final Deadlines deadlines;
    private final Input input;
    private final Exchange exchange;
    private final BodyIntake intake;

    Lateness(
            Edge edge,
            ClientConnection connection,
            Deadlines deadlines,
            Input input,
            Exchange exchange,
            BodyIntake intake) {
        this.edge = edge;
        this.connection = connection;
        this.deadlines = deadlines;
        this.input = input;
        this.exchange = exchange;
        this.intake = intake;
    }

    void passed(Phase phase) {
        switch (phase) {
            case IDLE -> idle();
            case HEAD -> head();
            case BODY, STREAM -> body(phase);
            case EXCHANGE -> exchange();
            case LINGER -> connection.close();
            case CLOSED -> {}
        }
    }

    private void idle() {
        edge.metrics.limitReached(Limit.KEEP_ALIVE_IDLE);
        connection.linger();
    }

    private void head() {
        if (!deadlines.headLate()) {
            input.trim(exchange.head, SLOW_ROOM);
            if (!intake.promisesMemory(input.capacity())) {
                connection.refuse(ClientRefusal.NO_ROOM, "There is no memory to spare for a head that comes slowly.");
            }
        } else if (exchange.head.start == input.end) {
            // Nothing but the empty line that old clients send behind a body: an answer would be taken for the next
            // request's.
            idle();
        } else {
            connection.refuse(ClientRefusal.HEAD_TIMEOUT, "The head of the request did not come in time.");
        }
    }

    private void body(Phase phase) {
        if (phase == Phase.STREAM && intake.paused()) {
            streamPauses();
            return;
        }
        @Nullable ClientRefusal late = deadlines.bodyLate(intake);
        if (late == null && intake.paused()) {
            connection.lookForEnd();
        } else if (late == null) {
            intake.shareRoom(deadlines.bodyPace(intake));
            input.trim(exchange.head, intake.wanted(input));
            intake.trimmed(input);
        } else if (phase == Phase.STREAM && exchange.giveUp()) {
            connection.cut(Cut.DEADLINE);
        } else {
            connection.refuse(
                    late,
                    late == ClientRefusal.NO_ROOM
                            ? Reception.NO_ROOM
                            : "The body of the request did not come in time.");
        }
    }

    /** The body waits for its worker, which has as long to take some of it as to answer. */
    private void streamPauses() {
        if (exchange.state() == Exchange.State.ANSWERED) {
            connection.bodyUnwanted();
            exchange();
        } else if (deadlines.workerLate(exchange)) {
            connection.bodyUnwanted();
            exchange.timeOut(Limit.ANSWER_IDLE);
        } else {
            connection.lookForEnd();
        }
    }

    private void exchange() {
        if (deadlines.unsent()) {
            connection.onFlush();
            if (connection.phase() != Phase.EXCHANGE) {
                return;
            }
        }
        switch (deadlines.exchange(exchange)) {
            case WAIT -> {}
            case WARN -> exchange.warnSlow();
            case TIME_OUT -> exchange.timeOut(Limit.ANSWER_IDLE);
            case TOO_LONG -> exchange.timeOut(Limit.ANSWER_MOST);
            case CUT -> cut(Limit.SEND_IDLE);
            case TOO_SLOW -> cut(Limit.SEND_RATE);
        }
    }

    private void cut(Limit limit) {
        edge.metrics.limitReached(limit);
        connection.cut(Cut.DEADLINE);
    }
}
