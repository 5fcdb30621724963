package terpan.loop;

/**
 * Wires that were closed and whose sockets the selector has still to forget. It does so when it selects; a channel that closes
 * before asks for its linger time and shuts its output, two system calls more. Owned by its loop's thread.
 */
final class ClosingWires {
    private WireList added = new WireList();
    private WireList forgotten = new WireList();

    void add(NioWire wire) {
        added.add(wire);
    }

    boolean waiting() {
        return added.size > 0;
    }

    /** The selector forgets, in the select that begins now, what was added so far. */
    void onSelect() {
        WireList wires = added;
        added = forgotten;
        forgotten = wires;
    }

    /** Closes the sockets of those that the selector forgot. */
    void onSelected() {
        for (int i = 0; i < forgotten.size; i++) {
            forgotten.wires[i].closeChannel();
        }
        forgotten.clear();
    }
}
