package terpan.edge;

/** Is told of every request whose application raised before its answer began, on a loop's thread; must not block. */
@FunctionalInterface
public interface RaisedObserver {
    /**
     * One request of it.
     *
     * @param told what the worker's private field says, from outside and bounded
     * @param request the request's id
     * @param trace the id of its trace; empty: it has none
     * @param target as shown in logs
     * @return the traceback
     */
    String raised(String told, String worker, String request, String trace, String method, String target);
}
