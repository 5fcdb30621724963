package terpan.spool;

/** A piece of memory in a queue: the bytes from {@code from} to {@code to} are waiting. Owned by one queue at a time. */
final class Block {
    /** The usual size. */
    static final int SIZE = 16 * 1024;

    /** The size where memory is dear. */
    static final int SMALL = 4 * 1024;

    final byte[] bytes;
    int from;
    int to;

    Block(int size) {
        this.bytes = new byte[size];
    }

    int length() {
        return to - from;
    }

    int room() {
        return bytes.length - to;
    }
}
