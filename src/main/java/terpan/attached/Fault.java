package terpan.attached;

/** Why a worker, or one of its addresses, is left out. */
public enum Fault {
    /** Its name leads to no address. */
    NAME("name"),
    /** No connection could be made, or not in time. */
    CONNECT("connect"),
    /** Several requests in a row got no answer. */
    ANSWER("answer"),
    /** Its check path was not answered well. */
    CHECK("check");

    private final String label;

    Fault(String label) {
        this.label = label;
    }

    /** The word in metrics and logs. */
    public String label() {
        return label;
    }
}
