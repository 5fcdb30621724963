package terpan.server;

/** The signal at which a drained server ends by itself. */
public enum PoliteSignal {
    TERM(15),
    INT(2);

    private final int number;

    PoliteSignal(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
