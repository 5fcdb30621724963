package terpan.worker;

/** Is given every line that workers write, on the thread of that worker's output. */
@FunctionalInterface
public interface LineObserver {
    void line(WorkerLine line);
}
