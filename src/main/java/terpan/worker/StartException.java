package terpan.worker;

/** Carries a {@link StartFailure} to whoever tells the person. */
public final class StartException extends Exception {
    private final transient StartFailure failure;

    public StartException(StartFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public StartFailure failure() {
        return failure;
    }
}
