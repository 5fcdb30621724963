package terpan.worker;

/** Is given every line that workers write, on the thread of that worker's output. */
@FunctionalInterface
public interface LineObserver {
    /** One line without its end, at most 16 KiB; a longer one comes in pieces. */
    void line(String worker, String line);
}
