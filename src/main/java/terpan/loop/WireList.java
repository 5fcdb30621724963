package terpan.loop;

import java.util.Arrays;

/** A growing list of wires that is filled and emptied every turn. */
final class WireList {
    NioWire[] wires = new NioWire[64];
    int size;

    void add(NioWire wire) {
        if (size == wires.length) {
            wires = Arrays.copyOf(wires, size * 2);
        }
        wires[size++] = wire;
    }

    /** Empties it; what was in it is not held any more, which may be much after a turn with many. */
    void clear() {
        Arrays.fill(wires, 0, size, null);
        size = 0;
    }
}
