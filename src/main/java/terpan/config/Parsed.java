package terpan.config;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The outcome of reading one value. Its users call methods: a switch over types is linked anew at every start, which costs. */
sealed interface Parsed<T> {
    /** It could be read. */
    record Good<T>(T value) implements Parsed<T> {
        @Override
        public <R> Parsed<R> then(Function<T, Parsed<R>> next) {
            return next.apply(value);
        }

        @Override
        public Optional<T> orTell(Consumer<String> problem) {
            return Optional.of(value);
        }
    }

    /** It could not; the message goes on after {@code NAME is VALUE}. */
    record Bad<T>(String message) implements Parsed<T> {
        @Override
        public <R> Parsed<R> then(Function<T, Parsed<R>> next) {
            return new Bad<>(message);
        }

        @Override
        public Optional<T> orTell(Consumer<String> problem) {
            problem.accept(message);
            return Optional.empty();
        }
    }

    /** What reading on from a good value comes to; a bad one stays bad. */
    <R> Parsed<R> then(Function<T, Parsed<R>> next);

    /** The value; if there is none, the message is told. */
    Optional<T> orTell(Consumer<String> problem);

    static <T> Parsed<T> good(T value) {
        return new Good<>(value);
    }

    static <T> Parsed<T> bad(String message) {
        return new Bad<>(message);
    }
}
