package terpan.admin;

/** Whether requests can be served now. */
public sealed interface Health {
    /** They can. */
    record Serving() implements Health {}

    /** They can not, in words that end a sentence: "no worker is ready". */
    record NotServing(String reason) implements Health {}
}
