package terpan.admin;

/** What somebody may who comes over TCP. */
public enum Role {
    /** See everything. */
    READER,
    /** See and do everything. */
    OPERATOR
}
