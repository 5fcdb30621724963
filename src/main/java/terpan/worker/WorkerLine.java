package terpan.worker;

/**
 * A line that a worker wrote.
 *
 * @param worker its name
 * @param request the id of the request for which it was written; empty: of none, or it is not known
 * @param text the line without its end, at most 16 KiB; a longer one comes in pieces
 */
public record WorkerLine(String worker, String request, String text) {}
