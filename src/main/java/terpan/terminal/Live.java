package terpan.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;
import terpan.admin.OperatorException;

/**
 * Shows a page until somebody leaves it: keys, the terminal's size and Terpan's answers come from threads of their own, by one bounded queue, so
 * that a Terpan that does not answer holds up no key. Belongs to the thread that runs it.
 */
final class Live {
    private static final int EVENTS_MOST = 1_024;

    /** After that an ESC is a key and not the beginning of one. */
    private static final long ESCAPE_MILLIS = 50;

    /** Ages go on while nothing comes. */
    private static final long TICK_MILLIS = 1_000;

    private final Screen screen;
    private final Page page;
    private final Page.Question source;
    private final Duration interval;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(EVENTS_MOST);
    private final Keys keys = new Keys();

    /** A question is out. */
    private boolean asking;

    private boolean ends;

    private sealed interface Event {
        /** A byte of the terminal's; -1: there is no terminal any more. */
        record Typed(int code) implements Event {}

        record Resized() implements Event {}

        record Answered(String answer) implements Event {}

        record Lost(String why) implements Event {}

        record Told(String title, String answer) implements Event {}
    }

    Live(Screen screen, Page page, Page.Question source, Duration interval) {
        this.screen = screen;
        this.page = page;
        this.source = source;
        this.interval = interval;
    }

    /** Returns when somebody has left, or the terminal is gone. */
    void run(InputStream input) throws IOException {
        Signal.handle(new Signal("WINCH"), signal -> offer(new Event.Resized()));
        Thread.ofPlatform().name("terpan-keys").daemon().start(() -> read(input));
        Thread.ofPlatform().name("terpan-asks").daemon().start(this::ask);
        while (!ends && !screen.isGone()) {
            Optional<Event> event = next();
            if (event.isPresent()) {
                handle(event.get());
            } else {
                keys.pause().ifPresent(this::press);
            }
            if (events.isEmpty()) {
                screen.draw(page.lines(screen.size()));
            }
        }
    }

    private Optional<Event> next() {
        try {
            return Optional.ofNullable(events.poll(keys.isOpen() ? ESCAPE_MILLIS : TICK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            ends = true;
            return Optional.empty();
        }
    }

    private void handle(Event event) throws IOException {
        switch (event) {
            case Event.Typed(int code) -> typed(code);
            case Event.Resized() -> screen.measure();
            case Event.Answered(String answer) -> answered(answer);
            case Event.Lost(String why) -> page.lost(why);
            case Event.Told(String title, String answer) -> {
                asking = false;
                page.told(title, answer);
            }
        }
    }

    private void typed(int code) {
        if (code < 0) {
            ends = true;
        } else {
            keys.take(code).ifPresent(this::press);
        }
    }

    private void answered(String answer) {
        try {
            page.take(answer);
        } catch (IllegalArgumentException | DateTimeException strange) {
            page.lost(String.valueOf(OperatorException.strange(String.valueOf(strange.getMessage()))
                    .getMessage()));
        }
    }

    private void press(Key key) {
        switch (page.press(key)) {
            case Page.Wish.Nothing() -> {}
            case Page.Wish.Quit() -> ends = true;
            case Page.Wish.Asking(String title, Page.Question question) -> {
                if (!asking) {
                    asking = true;
                    Thread.ofVirtual().name("terpan-asks-once").start(() -> offer(told(title, question)));
                }
            }
        }
    }

    private static Event told(String title, Page.Question question) {
        try {
            return new Event.Told(title, question.ask());
        } catch (OperatorException refused) {
            return new Event.Told(title, String.valueOf(refused.getMessage()));
        }
    }

    /** Keys that nobody takes, as a page that is pasted, are left out. */
    private void offer(Event event) {
        if (!events.offer(event) && !(event instanceof Event.Typed)) {
            put(event);
        }
    }

    private void put(Event event) {
        try {
            events.put(event);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(InputStream input) {
        int code = 0;
        while (code >= 0) {
            try {
                code = input.read();
            } catch (IOException gone) {
                code = -1; // the window was closed, which is how one leaves too
            }
            if (code < 0) {
                put(new Event.Typed(code));
            } else {
                offer(new Event.Typed(code));
            }
        }
    }

    private void ask() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                put(new Event.Answered(source.ask()));
            } catch (OperatorException failure) {
                put(new Event.Lost(String.valueOf(failure.getMessage())));
            }
            Pause.of(interval);
        }
    }
}
