package terpan.config;

/** Whether something that a person named was found. */
public sealed interface Located<T> {
    /** It was. */
    record Found<T>(T value) implements Located<T> {}

    /** It was not; the message says what was looked for and where. */
    record Missing<T>(String message) implements Located<T> {}
}
