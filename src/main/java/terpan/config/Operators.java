package terpan.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Operators over TCP.
 *
 * @param bind HOST:PORT of a loopback address; empty: nobody comes over TCP
 * @param token that of those who may do everything
 * @param readerToken that of those who may only see
 * @param hosts what else may stand in Host, without ports
 */
public record Operators(Optional<String> bind, Token token, Token readerToken, List<String> hosts) {
    /** Nobody comes. */
    public static final Operators NONE = new Operators(Optional.empty(), Token.NONE, Token.NONE, List.of());

    /**
     * A token, as the settings have it.
     *
     * @param text itself
     * @param file where it stands
     */
    public record Token(Optional<String> text, Optional<Path> file) {
        /** The settings have none: one is made. */
        public static final Token NONE = new Token(Optional.empty(), Optional.empty());

        @Override
        public String toString() {
            return text.isPresent() ? "a token" : file.map(Path::toString).orElse("one that is made");
        }
    }
}
