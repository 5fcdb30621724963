package terpan.config;

/** Whether clients are asked for a certificate. */
public enum Verify {
    OFF,
    /** They may show one, which has to be good. */
    REQUEST,
    /** Without one they are sent away. */
    REQUIRE
}
