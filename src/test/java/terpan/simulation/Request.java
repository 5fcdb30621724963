package terpan.simulation;

/**
 * A request of a scenario.
 *
 * @param arrived when the client sent it
 * @param service how long its handler takes
 * @param slow whether it counts as slow in the report
 * @param route its route's number
 * @param client whose it is; 0: nobody knows
 */
record Request(long arrived, long service, boolean slow, int route, Results results, long client) {
    /** Of nobody in particular. */
    Request(long arrived, long service, boolean slow, int route, Results results) {
        this(arrived, service, slow, route, results, 0);
    }
}
