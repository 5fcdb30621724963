package terpan.config;

import java.nio.file.Path;
import java.util.Optional;

/** A machine of eight processors, whose users are {@code app} and {@code root}; asking it costs nothing. */
public record FakeHost(boolean isRoot, boolean atTerminal) implements Host {
    /** Nobody looks at its output. */
    public FakeHost(boolean isRoot) {
        this(isRoot, false);
    }

    @Override
    public int processors() {
        return 8;
    }

    @Override
    public long pid() {
        return 42;
    }

    @Override
    public Optional<Path> installedPython() {
        return Optional.empty();
    }

    @Override
    public boolean hasUser(String name) {
        return name.equals("app") || name.equals("root");
    }

    @Override
    public boolean hasGroup(String name) {
        return name.equals("www-data");
    }
}
