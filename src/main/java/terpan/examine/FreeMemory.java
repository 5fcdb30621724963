package terpan.examine;

import java.util.OptionalLong;

/** What is to be had of memory now. */
public final class FreeMemory {
    private FreeMemory() {}

    /** Bytes that both the machine and the control groups of this process have; empty: neither tells. Reads a few files. */
    public static OptionalLong read() {
        return Machine.read().memory();
    }
}
