package terpan.config;

import java.util.Optional;
import java.util.function.Consumer;

/** Whether something that a person named was found. */
public sealed interface Located<T> {
    /** It was. */
    record Found<T>(T value) implements Located<T> {
        @Override
        public Optional<T> orTell(Consumer<String> problem) {
            return Optional.of(value);
        }
    }

    /** It was not; the message says what was looked for and where. */
    record Missing<T>(String message) implements Located<T> {
        @Override
        public Optional<T> orTell(Consumer<String> problem) {
            problem.accept(message);
            return Optional.empty();
        }
    }

    /** What was found; if nothing, the message is told. */
    Optional<T> orTell(Consumer<String> problem);
}
