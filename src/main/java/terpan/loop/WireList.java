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
}
