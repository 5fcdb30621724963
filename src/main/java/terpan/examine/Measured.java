package terpan.examine;

import java.util.Optional;

/**
 * One thing that was measured of a server.
 *
 * @param name what was looked at
 * @param found what was seen
 * @param declared what its profile says of it; empty: it says nothing
 * @param differs whether the profile says otherwise
 */
public record Measured(String name, String found, Optional<String> declared, boolean differs) {
    /** Of which the profile says nothing. */
    static Measured only(String name, String found) {
        return new Measured(name, found, Optional.empty(), false);
    }

    /** Which has to be as the profile says. */
    static Measured against(String name, String found, String declared) {
        return new Measured(name, found, Optional.of(declared), !found.equals(declared));
    }
}
