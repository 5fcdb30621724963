package terpan.config;

import java.nio.file.Path;

/** Where a value came from, as a problem names it. */
public sealed interface Where {
    /**
     * A place in a file.
     *
     * @param line from 1; 0: the file as a whole
     * @param column from 1
     */
    record InFile(Path file, int line, int column) implements Where {
        @Override
        public String toString() {
            return line == 0 ? file.toString() : file + ":" + line + ":" + column;
        }
    }

    /** An environment variable. */
    record Variable(String name) implements Where {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A flag of the command line, with its dashes, or the argument {@code APP}. */
    record Flag(String name) implements Where {
        @Override
        public String toString() {
            return name;
        }
    }

    /** The settings taken together: no single one is at fault. */
    record Together() implements Where {
        @Override
        public String toString() {
            return "settings";
        }
    }
}
