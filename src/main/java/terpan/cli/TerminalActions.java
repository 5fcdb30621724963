package terpan.cli;

import java.io.IOException;
import java.time.Duration;
import terpan.admin.OperatorException;
import terpan.daemon.StartFailure;
import terpan.terminal.LogFilter;
import terpan.terminal.LogTail;
import terpan.terminal.Looks;
import terpan.terminal.StatusWatch;
import terpan.terminal.Top;

/** What is drawn on a terminal or goes on by itself: a class of its own, so that no other command loads what it takes. */
final class TerminalActions {
    private TerminalActions() {}

    /** Draws on the terminal. */
    private interface Drawing {
        void draw() throws IOException, OperatorException;
    }

    /** The same in lines. */
    private interface Printing {
        void print() throws OperatorException;
    }

    static int top(Running running, Duration interval, int count, Surroundings around) throws StartFailure {
        Looks looks = Looks.of(around.environment());
        return SystemActions.ask(new Running(running.socket(), ""), client -> {
            Top top = new Top(client, running.application(), interval);
            if (looks.isLive()) {
                onTerminal(
                        () -> top.live(System.in, around.out(), looks), () -> top.plain(around.out(), count), around);
            } else {
                top.plain(around.out(), count);
            }
        });
    }

    static int watch(Running running, boolean json, Duration interval, Surroundings around) throws StartFailure {
        Looks looks = Looks.of(around.environment());
        return SystemActions.ask(running, client -> {
            StatusWatch watch = new StatusWatch(client, interval);
            if (looks.isLive() && !json) {
                onTerminal(
                        () -> watch.live(System.in, around.out(), looks),
                        () -> watch.plain(around.out(), around.err(), false),
                        around);
            } else {
                watch.plain(around.out(), around.err(), json);
            }
        });
    }

    static int logs(Running running, LogFilter filter, int count, boolean follow, Surroundings around)
            throws StartFailure {
        return SystemActions.ask(running, client -> {
            LogTail tail = new LogTail(client, filter, around.out(), around.err(), Looks.of(around.environment()));
            tail.last(count);
            if (follow) {
                tail.follow();
            }
        });
    }

    /** Where the terminal can not be set, as without stty, the plain form has to do. */
    private static void onTerminal(Drawing drawing, Printing plain, Surroundings around) throws OperatorException {
        try {
            drawing.draw();
        } catch (IOException unset) {
            around.err().println("terpan: the terminal can not be drawn on: " + unset.getMessage());
            plain.print();
        }
    }
}
