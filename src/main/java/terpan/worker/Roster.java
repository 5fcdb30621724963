package terpan.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The handles of all workers, in the order of their names: two of one name while one takes the other's place, the newer one behind. Changed
 * by the supervisor's thread alone; the list is for any.
 */
final class Roster {
    private volatile List<WorkerHandle> handles = List.of();

    List<WorkerHandle> all() {
        return handles;
    }

    /** Takes in the first handles. */
    void begin(List<WorkerHandle> all) {
        handles = List.copyOf(all);
    }

    boolean knows(String name) {
        return handles.stream().anyMatch(handle -> handle.name().equals(name));
    }

    /** The one of that name that is not on its way out. */
    Optional<WorkerHandle> present(String name) {
        return handles.stream()
                .filter(handle -> handle.name().equals(name) && !handle.isLeaving())
                .findFirst();
    }

    /** Starts another process beside one, to take its place. */
    WorkerHandle succeed(WorkerHandle old) {
        WorkerHandle successor = old.successor();
        List<WorkerHandle> more = new ArrayList<>(handles);
        more.add(more.indexOf(old) + 1, successor);
        handles = List.copyOf(more);
        successor.start("to take the place of process " + old.pid());
        return successor;
    }

    /** Takes one in behind the others of its group. */
    void add(WorkerHandle newer) {
        List<WorkerHandle> more = new ArrayList<>(handles);
        int at = more.size();
        for (int i = 0; i < more.size(); i++) {
            if (more.get(i).plan() == newer.plan()) {
                at = i + 1;
            }
        }
        more.add(at, newer);
        handles = List.copyOf(more);
    }

    void remove(WorkerHandle gone) {
        removeIf(handle -> handle == gone);
    }

    /** Forgets those that others have taken the place of, once they have ended. */
    void forgetReplaced() {
        removeIf(handle -> handle.isEnded()
                && handles.stream()
                        .anyMatch(other -> other != handle && other.name().equals(handle.name())));
    }

    private void removeIf(Predicate<WorkerHandle> gone) {
        if (handles.stream().anyMatch(gone)) {
            handles = handles.stream().filter(gone.negate()).toList();
        }
    }
}
