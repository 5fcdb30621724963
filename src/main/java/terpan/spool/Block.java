package terpan.spool;

/** A piece of memory in a queue: the bytes from {@code from} to {@code to} are waiting. Owned by one queue at a time. */
final class Block {
    static final int SIZE = 16 * 1024;

    final byte[] bytes = new byte[SIZE];
    int from;
    int to;

    int length() {
        return to - from;
    }

    int room() {
        return SIZE - to;
    }
}
