package terpan.acme;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A certificate could not be had; the message says why, for people. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Instant notBefore;

    Refusal(String why) {
        this(why, Optional.empty());
    }

    /**
     * @param notBefore before when the authority does not want to be asked again
     */
    Refusal(String why, Optional<Instant> notBefore) {
        super(why);
        this.notBefore = notBefore.orElse(null);
    }

    String why() {
        return String.valueOf(getMessage());
    }

    Optional<Instant> notBefore() {
        return Optional.ofNullable(notBefore);
    }
}
