package terpan.terminal;

import java.util.List;
import terpan.admin.OperatorException;

/** What is on the screen: made of Terpan's last answer, changed by keys. For one thread. */
interface Page {
    /** What a key asks for. */
    sealed interface Wish {
        /** Nothing but to be drawn anew. */
        record Nothing() implements Wish {}

        /** The end. */
        record Quit() implements Wish {}

        /** That Terpan is asked something, whose answer is {@link Page#told}. */
        record Asking(String title, Question question) implements Wish {}
    }

    /** Something to ask Terpan; waits for the answer. */
    interface Question {
        String ask() throws OperatorException;
    }

    /**
     * Terpan has answered.
     *
     * @throws IllegalArgumentException it is no answer of Terpan's
     */
    void take(String answer);

    /** Terpan has not answered; what is shown is old. */
    void lost(String why);

    /** What was asked by a key. */
    void told(String title, String answer);

    /** A key was pressed. */
    Wish press(Key key);

    /** What it looks like, in so many rows and columns. */
    List<Line> lines(Stty.Size size);
}
