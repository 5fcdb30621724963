/** One request of the load: when it was due, its bytes, whether its path is the first of the mix, and whether it counts. */
record Request(long due, byte[] bytes, boolean first, boolean counted, boolean again, Step step) {
    /** The same once more, for a connection that had been idle too long. */
    Request resent() {
        return new Request(due, bytes, first, counted, true, step);
    }
}
