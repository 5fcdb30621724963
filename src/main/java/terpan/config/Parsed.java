package terpan.config;

/** The outcome of reading one value. */
sealed interface Parsed<T> {
    /** It could be read. */
    record Good<T>(T value) implements Parsed<T> {}

    /** It could not; the message goes on after {@code NAME is VALUE}. */
    record Bad<T>(String message) implements Parsed<T> {}

    static <T> Parsed<T> good(T value) {
        return new Good<>(value);
    }

    static <T> Parsed<T> bad(String message) {
        return new Bad<>(message);
    }
}
